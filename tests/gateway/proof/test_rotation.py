"""Changing the key on the sender's machine."""

from pathlib import Path

import pytest

from gateway.proof.keyring import KeyRing
from gateway.proof.keys import KeyFileError, Role, generate, load, load_public, public_keys, save, save_public
from gateway.proof.note import ED25519, SigningKey
from gateway.proof.rotation import earliest, load_rotations, rotate
from tests.gateway.proof.streams import LINE, START, STREAM, entries, sealed

ENTRIES = entries(3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "line-3.key"
    key = generate("cmo-a", Role.SENDER, "line-3")
    save(key, file)
    save_public(key, file.with_suffix(".vkey"))
    return file


def present(path: Path) -> SigningKey:
    return load(path, Role.SENDER)


def test_a_key_is_exchanged_with_all_that_belongs_to_it(path: Path) -> None:
    """The old one stands aside, and the statement leads from it to the new one."""
    old, trusted = present(path), load_public(path.with_suffix(".vkey"))
    done = rotate(path, sealed=START + 9, now=START)
    assert done.since == START + 10
    assert load(done.old, Role.SENDER).verifier(ED25519) == old.verifier(ED25519)
    assert load_public(path.with_suffix(".vkey")) == public_keys(present(path)) == public_keys(done.key)
    assert load_rotations(path, present(path)) == [done.statement.read_bytes()]
    assert earliest(load_rotations(path, present(path))) == done.since
    ring = KeyRing(LINE, trusted)
    assert ring.take(done.statement.read_bytes(), 0) is None
    assert ring.open_seal(sealed(ENTRIES, 3, done.since, done.key), STREAM).size == 3


def test_several_changes_make_a_chain(path: Path) -> None:
    """Each from a later time on, also within one second; in their order."""
    trusted = load_public(path.with_suffix(".vkey"))
    done = [rotate(path, sealed=0, now=START) for _ in range(3)]
    assert [one.since for one in done] == [START, START + 1, START + 2]
    notes = load_rotations(path, present(path))
    assert notes == [one.statement.read_bytes() for one in done]
    ring = KeyRing(LINE, trusted)
    assert [ring.take(note, 0) for note in notes] == [None] * 3
    assert ring.open_seal(sealed(ENTRIES, 3, START + 2, present(path)), STREAM).size == 3


def test_a_change_that_was_cut_short_has_changed_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The statement is there, the key is still the old one: nothing is published."""
    old = present(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.link", full)
    with pytest.raises(KeyFileError, match="No space left"):
        rotate(path, sealed=0, now=START)
    assert list(path.parent.glob("*.rotation"))
    assert present(path).verifier(ED25519) == old.verifier(ED25519)
    assert load_rotations(path, old) == []


def test_a_key_that_never_changed_has_no_statements(path: Path) -> None:
    """And may seal from the begin."""
    assert load_rotations(path, present(path)) == []
    assert earliest([]) == 0


@pytest.mark.parametrize("damage", [b"", b"no note\n", b"x" * 300_000])
def test_a_damaged_statement_is_said_with_its_file(path: Path, damage: bytes) -> None:
    """An agent that published only a part of the chain would seal for nobody."""
    done = rotate(path, sealed=0, now=START)
    done.statement.write_bytes(damage)
    with pytest.raises(KeyFileError, match=rf"{done.statement.name}.*restore"):
        load_rotations(path, present(path))


def test_a_changed_byte_of_a_statement_is_said(path: Path) -> None:
    """Its signatures are checked before it is published."""
    done = rotate(path, sealed=0, now=START)
    octets = done.statement.read_bytes()
    done.statement.write_bytes(octets.replace(str(START).encode(), str(START + 1).encode(), 1))
    with pytest.raises(KeyFileError, match="does not fit"):
        load_rotations(path, present(path))


def test_only_a_senders_key_is_exchanged(tmp_path: Path) -> None:
    """Others have no streams to carry on."""
    file = tmp_path / "node.key"
    save(generate("holder-b", Role.NODE, "holder-b"), file)
    with pytest.raises(KeyFileError, match="not for a sender"):
        rotate(file, sealed=0, now=START)
