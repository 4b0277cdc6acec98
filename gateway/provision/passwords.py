"""Passwords in files, one each, for their owner alone. They are never shown."""

import secrets
from pathlib import Path

from gateway.proof.keys import write_new
from schemas.errors import ToldError


class PasswordFileError(ToldError):
    """A password file cannot be used."""


def password_in(file: Path) -> str:
    """The password in the file; made with the file where it is not there. Raises PasswordFileError, KeyFileError."""
    if not file.exists():
        return made(file)
    password = file.read_text(encoding="utf-8").strip()
    if len(password) < 16:
        raise PasswordFileError(f"{file}: a password has 16 characters or more; remove the file, and one is made")
    return password


def made(file: Path) -> str:
    """A new password, in a new file. Raises KeyFileError."""
    password = secrets.token_urlsafe(32)
    for folder in (file.parent.parent, file.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_new(file, f"{password}\n", 0o600)
    return password
