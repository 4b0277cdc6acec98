"""Changing a sender's key on its machine: the new key, the old one moved aside, and the statement that tells of it.

Beside the key file `<name>` stands a file `<name>.<since>.rotation` for each change, to be published at every start.
The statement is written before the key changes, and only those count that lead to the key which is there: so a change
that was cut short has changed nothing.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.proof.keys import KeyFileError, Role, load, public_keys, renew, save, save_public, write_new
from gateway.proof.note import MAX_NOTE, Note, NoteError, SigningKey
from gateway.proof.statement import Rotation, Sender, open_statement, parse, write_statement

SUFFIX = ".rotation"


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a change of key left: the new key, from when on it seals (POSIX s), and where the files are."""

    key: SigningKey
    since: int
    old: Path
    statement: Path


def rotate(path: Path, *, sealed: int, now: int) -> Rotated:
    """Put a new key in the place of the sender's key in `path`; nobody may seal with it meanwhile.

    `sealed` is the time of the newest seal, 0 where there is none, `now` the present one; POSIX seconds. Raises
    KeyFileError; then nothing has changed.
    """
    old = load(path, Role.SENDER)
    since = max(now, sealed + 1, earliest(load_rotations(path, old)) + 1)
    new = renew(old)
    party, _, identifier = old.name.split("/")
    rotation = Rotation(Sender(party, identifier), since, public_keys(old), public_keys(new))
    statement = path.with_name(f"{path.name}.{since}{SUFFIX}")
    made, aside = path.with_name(f"{path.name}.new"), path.with_name(f"{path.name}.until-{since}")
    save(new, made)
    write_new(statement, write_statement(rotation, [old, new], since).decode(), 0o644)
    public = path.with_suffix(".vkey")
    try:
        os.link(path, aside)
        made.replace(path)
        if public.exists():
            public.rename(public.with_name(f"{public.name}.until-{since}"))
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be exchanged ({error.strerror}); look what stands beside it") from error
    save_public(new, public)
    return Rotated(new, since, aside, statement)


def load_rotations(path: Path, key: SigningKey) -> list[bytes]:
    """The statements beside the key file that lead to its present key, the oldest first. Raises KeyFileError."""
    files = [file for file in path.parent.iterdir() if _is_of(file, path)] if path.parent.is_dir() else []
    before = {rotation.new[0].public: (rotation, octets) for rotation, octets in map(_read, files)}
    chain: list[bytes] = []
    public = public_keys(key)[0].public
    while public in before:
        rotation, octets = before.pop(public)
        chain.insert(0, octets)
        public = rotation.old[0].public
    return chain


def earliest(rotations: Sequence[bytes]) -> int:
    """The first time, POSIX seconds, of which the present key may seal: that of the last rotation; 0 without one."""
    last = [parse(Note.parse(octets).text) for octets in rotations[-1:]]
    return max((rotation.since for rotation in last if isinstance(rotation, Rotation)), default=0)


def _is_of(file: Path, path: Path) -> bool:
    return file.name.startswith(f"{path.name}.") and file.name.endswith(SUFFIX)


def _read(file: Path) -> tuple[Rotation, bytes]:
    try:
        octets = file.read_bytes() if file.stat().st_size <= MAX_NOTE else b""
        rotation = parse(Note.parse(octets).text)
        if isinstance(rotation, Rotation):
            open_statement(octets, rotation.old)
            return rotation, octets
    except OSError as error:
        raise KeyFileError(f"{file}: cannot be read ({error.strerror}); correct its rights") from error
    except NoteError as error:
        raise KeyFileError(f"{file}: {error}; restore the file from a copy") from error
    raise KeyFileError(f"{file}: tells of no change of key; move it away")
