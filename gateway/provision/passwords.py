"""Passwords in files, one each, for their owner alone. They are never shown."""

import os
import secrets
import stat
from pathlib import Path

from gateway.proof.keys import write_new
from schemas.errors import ToldError

MOST = 1024
"""Octets of a password file that are read."""


class PasswordFileError(ToldError):
    """A password file cannot be used."""


def password_in(file: Path) -> str:
    """The password in the file; made with the file where it is not there. Raises PasswordFileError, KeyFileError."""
    if not os.path.lexists(file):
        return made(file)
    password = _read(file).strip()
    if len(password) < 16:
        raise PasswordFileError(f"{file}: a password has 16 characters or more; remove the file, and one is made")
    if not password.isascii() or not password.isprintable():
        raise PasswordFileError(f"{file}: a password is one line of ASCII characters; remove the file, and one is made")
    return password


def _read(file: Path) -> str:
    """What somebody else cannot have written, and cannot read."""
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_uid not in {os.geteuid(), 0}:
                raise PasswordFileError(f"{file}: is not a file of yours; move it away, and one is made")
            if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise PasswordFileError(f"{file}: others can read or write it; remove the file, and one is made")
            return opened.read(MOST).decode("latin-1")
    except OSError as error:
        raise PasswordFileError(f"{file}: cannot be read ({error.strerror}); move it away, and one is made") from error


def made(file: Path) -> str:
    """A new password, in a new file. Raises KeyFileError."""
    password = secrets.token_urlsafe(32)
    for folder in (file.parent.parent, file.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_new(file, f"{password}\n", 0o600)
    return password
