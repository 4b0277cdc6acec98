"""Key files: made once, private, of one role."""

import os
from pathlib import Path

import pytest

from gateway.proof.keys import (
    KeyFileError,
    Role,
    fingerprint,
    generate,
    key_name,
    load,
    load_public,
    public_keys,
    role_of,
    save,
    save_public,
)
from gateway.proof.note import ED25519, MalformedNoteError, WrongSignatureError
from gateway.proof.suites import ML_DSA_44


@pytest.mark.parametrize("role", Role)
def test_a_key_comes_back_from_its_file(tmp_path: Path, role: Role) -> None:
    """It signs as before, and its public side fits."""
    key, path = generate("cmo-a", role, "line-3"), tmp_path / "one.key"
    save(key, path)
    save_public(key, tmp_path / "one.vkey")
    again = load(path, role)
    assert again.name == key.name
    assert public_keys(again) == public_keys(key) == load_public(tmp_path / "one.vkey")


def test_a_signatorys_key_of_another_algorithm_comes_back_from_its_file(tmp_path: Path) -> None:
    """The file says which it is; a key that has to seal is of Ed25519."""
    key, path = generate("cmo-a", Role.SIGNATORY, "qa", ML_DSA_44), tmp_path / "one.key"
    save(key, path)
    save_public(key, tmp_path / "one.vkey")
    (public,) = load_public(tmp_path / "one.vkey")
    again = load(path, Role.SIGNATORY)
    assert public_keys(again) == public_keys(key) == (public,)
    line = again.sign("a text\n", public.type, 1_700_000_000)
    assert public.verify("a text\n", line.blob) == 1_700_000_000
    with pytest.raises(WrongSignatureError):
        public.verify("another\n", line.blob)
    with pytest.raises(MalformedNoteError, match="is of ml-dsa-44, not ed25519"):
        again.sign("a text\n", ED25519)
    sender = tmp_path / "sender.key"
    save(generate("cmo-a", Role.SENDER, "line-3", ML_DSA_44), sender)
    with pytest.raises(KeyFileError, match="a sender key is of ed25519; run keygen"):
        load(sender, Role.SENDER)


def test_a_private_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Mode 0600 from the first moment, whatever the umask."""
    before = os.umask(0)
    try:
        save(generate("cmo-a", Role.SENDER, "line-3"), tmp_path / "one.key")
    finally:
        os.umask(before)
    assert (tmp_path / "one.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o777])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    """One line names the file, its mode and the command that helps."""
    path = tmp_path / "one.key"
    save(generate("cmo-a", Role.SENDER, "line-3"), path)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match=rf"one\.key: others can .*{mode:04o}.*chmod 600 .*one\.key$"):
        load(path, Role.SENDER)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A key that is gone can never be made again."""
    path = tmp_path / "one.key"
    first = generate("cmo-a", Role.SENDER, "line-3")
    save(first, path)
    with pytest.raises(KeyFileError, match="there is a file already"):
        save(generate("cmo-a", Role.SENDER, "line-3"), path)
    save_public(first, tmp_path / "one.vkey")
    with pytest.raises(KeyFileError, match="there is a file already"):
        save_public(first, tmp_path / "one.vkey")
    assert public_keys(load(path, Role.SENDER)) == public_keys(first)


def test_a_key_serves_its_own_role_alone(tmp_path: Path) -> None:
    """The role is part of the name, which every signature bears."""
    save(generate("holder-b", Role.NODE, "main"), tmp_path / "one.key")
    with pytest.raises(KeyFileError, match="holder-b/node/main, which is not for a sender"):
        load(tmp_path / "one.key", Role.SENDER)


def test_a_damaged_file_is_refused_whatever_is_damaged(tmp_path: Path) -> None:
    """Never is another key used than the one that was made."""
    path = tmp_path / "one.key"
    save(generate("cmo-a", Role.SENDER, "line-3"), path)
    octets = path.read_bytes()
    for at in range(len(octets) - 1):
        path.write_bytes(octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :])
        with pytest.raises(KeyFileError, match=r"one\.key"):
            load(path, Role.SENDER)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "holds no verifier key"),
        ("# only a comment\n", "holds no verifier key"),
        ("\nnonsense\n", "line 2: not a verifier key"),
        ("ключ\n", "not a key file"),
    ],
)
def test_a_public_file_that_is_none_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    """One line names file, line and what to do."""
    (tmp_path / "one.vkey").write_text(text, encoding="utf-8")
    with pytest.raises(KeyFileError, match=rf"one\.vkey.*{problem}"):
        load_public(tmp_path / "one.vkey")


def test_a_file_that_cannot_be_read_or_made_is_named(tmp_path: Path) -> None:
    """With the reason and what to do."""
    missing = tmp_path / "not there" / "one.key"
    with pytest.raises(KeyFileError, match=r"one\.key: cannot be read \(No such file"):
        load(missing, Role.SENDER)
    with pytest.raises(KeyFileError, match=r"one\.key: cannot be made \(No such file"):
        save(generate("cmo-a", Role.SENDER, "line-3"), missing)


def test_names_tell_party_role_and_id() -> None:
    """And nothing else is taken for a name of ours."""
    assert role_of(key_name("cmo-a", Role.SENDER, "line-3")) is Role.SENDER
    for name in ("", "cmo-a", "cmo-a/sender", "cmo-a/king/line-3", "CMO/sender/line-3", "cmo-a/sender/line/3"):
        assert role_of(name) is None
    with pytest.raises(ValueError, match="not an identifier: 'line 3'"):
        key_name("cmo-a", Role.SENDER, "line 3")


def test_the_fingerprint_is_the_same_for_all_kinds_of_signature() -> None:
    """It is compared on paper, once per key."""
    key = generate("cmo-a", Role.SENDER, "line-3")
    assert len({fingerprint(public) for public in public_keys(key)}) == 1
    assert len(fingerprint(public_keys(key)[0]).split()) == 16
