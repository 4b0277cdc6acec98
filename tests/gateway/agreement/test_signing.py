"""Signatures of both parties: what counts, and what is named where it does not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.agreement.agreement import Agreement
from gateway.agreement.in_force import Candidate
from gateway.agreement.signing import Fault, SigningError, Verdict, fingerprints, sign, text_of, verify
from gateway.proof import suites
from gateway.proof.keys import Role, generate, public_keys, renew
from gateway.proof.note import ED25519, Note, Signature, SigningKey, VerifierKey
from tests.gateway.agreement.making import (
    CMO,
    HOLDER,
    SIGNED,
    TRUST,
    agreed,
    data_of,
    listed,
    quantum,
    signed,
)


def verdict(item: Candidate, trust: list[VerifierKey] | None = None, before: Agreement | None = None) -> Verdict:
    return verify(item.agreement, item.octets, item.note, TRUST if trust is None else trust, before)


def faults(item: Candidate, trust: list[VerifierKey] | None = None, before: Agreement | None = None) -> list[Fault]:
    found = verdict(item, trust, before).findings
    assert all(one.words.en and one.words.zh for one in found)
    return [one.fault for one in found]


def test_a_version_that_both_signed_counts() -> None:
    """Each with a time, and the note is over the file's octets."""
    found = verdict(signed(agreed()))
    assert not found.findings
    assert [(one.side, one.key.name, one.time) for one in found.signed] == [
        ("holder", HOLDER.name, SIGNED),
        ("cmo", CMO.name, SIGNED),
    ]
    assert found.time == SIGNED


def test_the_note_is_one_that_other_tools_check() -> None:
    """The text is plain lines, and beside the timed signature stands a plain Ed25519 one."""
    item = signed(agreed())
    assert item.note is not None
    note = Note.parse(item.note)
    assert note.text.split("\n")[:4] == ["cmo.v1/agreement", item.agreement.agreement, "1", "2027-01-01"]
    assert note.verify([HOLDER.verifier(ED25519)])[0].time == 0


def test_a_file_that_was_changed_is_altered() -> None:
    """By one octet, also one that changes no meaning."""
    item = signed(agreed())
    assert faults(replace(item, octets=item.octets + b"\n")) == [Fault.ALTERED]


def test_signatures_of_another_version_are_none_of_this_one() -> None:
    """A signed note cannot be moved."""
    assert faults(replace(signed(agreed()), agreement=agreed(version=2))) == [Fault.ALTERED]


@pytest.mark.parametrize("note", [None, text_of(agreed(), b"").encode()])
def test_no_signature_is_unsigned(note: bytes | None) -> None:
    """No file, or one with nothing but the text."""
    assert faults(replace(signed(agreed()), note=note)) == [Fault.UNSIGNED]


def test_a_note_that_is_none_is_unreadable() -> None:
    """As it comes from a broken disk."""
    assert faults(replace(signed(agreed()), note=b"\xff\xfe")) == [Fault.UNREADABLE]


@pytest.mark.parametrize(("key", "who"), [(HOLDER, "cmo-a"), (CMO, "holder-b")])
def test_a_party_that_has_not_signed_is_named(key: SigningKey, who: str) -> None:
    """By the name of the key that is missing."""
    item = signed(agreed(), key)
    assert faults(item) == [Fault.MISSING_PARTY]
    assert f"{who}/signatory/qa has not signed" in verdict(item).findings[0].words.en


def test_a_party_that_names_no_key_has_not_signed() -> None:
    """Else one side could agree alone."""
    alone = [one for one in data_of()["signatories"] if one["side"] == "holder" or one["stage"] != "approved"]
    assert faults(signed(agreed(signatories=alone), HOLDER)) == [Fault.MISSING_PARTY]


def test_a_key_that_nobody_trusts_does_not_sign() -> None:
    """Even when the file itself lists it: trust starts on paper."""
    thief = renew(HOLDER)
    item = signed(agreed(holder=listed(thief)), thief, CMO)
    assert faults(item) == [Fault.UNKNOWN_KEY, Fault.UNKNOWN_KEY, Fault.MISSING_PARTY]


def test_a_trusted_key_that_no_version_lists_does_not_sign() -> None:
    """What is signed says by whose keys."""
    assert faults(signed(agreed(holder=[]))) == [Fault.UNLISTED_KEY, Fault.MISSING_PARTY]


@pytest.mark.parametrize("name", ["holder-b/node/qa", "holder-b/signatory/other", "holder-c/signatory/qa", "stranger"])
def test_a_line_of_whoever_does_not_approve_it_is_named(name: str) -> None:
    """Another role, another person, another holder; trusted or not."""
    stranger = SigningKey(name, generate("a", Role.NODE, "b").private)
    item = signed(agreed())
    note = Note.parse(item.note or b"")
    line = stranger.sign(note.text, ED25519)
    with_it = replace(item, note=Note(note.text, (*note.signatures, line)).to_bytes())
    assert faults(with_it, [*TRUST, *public_keys(stranger)]) == [Fault.WRONG_ROLE]


def test_a_line_that_does_not_fit_is_named() -> None:
    """And the signature that stays does not hold for both."""
    item = signed(agreed())
    note = Note.parse(item.note or b"")
    broken = [
        Signature(one.name, one.id, one.blob[:-1] + b"!") if one.name == CMO.name else one for one in note.signatures
    ]
    found = faults(replace(item, note=Note(note.text, tuple(broken)).to_bytes()))
    assert found == [Fault.WRONG_SIGNATURE, Fault.WRONG_SIGNATURE, Fault.MISSING_PARTY]


@pytest.mark.parametrize(("since", "until"), [("2026-12-02", None), ("2026-01-01", "2026-11-30")])
def test_a_key_signs_within_its_dates(since: str, until: str | None) -> None:
    """The day is that of the agreement's zone."""
    assert faults(signed(agreed(cmo=listed(CMO, since=since, until=until)))) == [
        Fault.OUTSIDE_DATES,
        Fault.MISSING_PARTY,
    ]


def test_the_first_and_the_last_day_count_in_the_zone_of_the_agreement() -> None:
    """16:30 UTC is the next day in Shanghai."""
    evening = int(datetime(2026, 12, 1, 16, 30, tzinfo=UTC).timestamp())
    assert faults(signed(agreed(cmo=listed(CMO, since="2026-12-02", until="2026-12-02")), time=evening)) == []


def test_a_signature_that_stands_twice_is_named() -> None:
    """One line for each kind of each key."""
    item = signed(agreed())
    note = Note.parse(item.note or b"")
    assert faults(replace(item, note=Note(note.text, (*note.signatures, note.signatures[0])).to_bytes())) == [
        Fault.DOUBLED
    ]


def test_one_key_does_not_sign_for_both() -> None:
    """Under two names it is still one."""
    twin = SigningKey(CMO.name, HOLDER.private)
    item = signed(agreed(cmo=listed(twin)), HOLDER, twin)
    assert faults(item, [*public_keys(HOLDER), *public_keys(twin)]) == [Fault.DOUBLED]


def test_a_later_version_is_signed_with_the_keys_of_the_one_before() -> None:
    """No file of a key is needed any more."""
    assert faults(signed(agreed(version=2)), [], before=agreed()) == []


def test_a_new_key_comes_in_by_a_version_that_the_old_one_signs() -> None:
    """And only from the version after that one on does it sign itself."""
    new = renew(HOLDER)
    second = agreed(version=2, holder=listed(new))
    assert faults(signed(second), [], before=agreed()) == []
    assert faults(signed(second, new, CMO), [], before=agreed())[:1] == [Fault.UNKNOWN_KEY]
    assert faults(signed(agreed(version=3, holder=listed(new)), new, CMO), [], before=second) == []
    assert faults(signed(agreed(version=3, holder=listed(new))), [], before=second)[:1] == [Fault.UNKNOWN_KEY]


@pytest.mark.parametrize("which", [(True, False), (False, True), (True, True)])
def test_each_party_signs_with_the_algorithm_of_its_key(which: tuple[bool, bool]) -> None:
    """Ed25519 and ML-DSA-44 stand in one note, and a chain of versions goes from one to the other."""
    holder = quantum("holder-b") if which[0] else HOLDER
    cmo = quantum("cmo-a") if which[1] else CMO
    second = agreed(version=2, holder=listed(holder), cmo=listed(cmo))
    assert faults(signed(second), TRUST, before=agreed()) == []
    third = agreed(version=3, holder=listed(holder), cmo=listed(cmo))
    found = verdict(signed(third, holder, cmo), [], before=second)
    assert not found.findings
    assert [one.key.suite.algorithm is suites.ML_DSA_44 for one in found.signed] == list(which)


def test_only_who_approves_signs_and_once() -> None:
    """Each refusal is one line."""
    item = signed(agreed())
    with pytest.raises(SigningError, match="approves nothing here; those that do are cmo-a/signatory/qa, holder-b"):
        sign(item.agreement, item.octets, generate("holder-b", Role.SIGNATORY, "other"), SIGNED)
    with pytest.raises(SigningError, match="signed it already"):
        sign(item.agreement, item.octets, HOLDER, SIGNED, item.note)
    with pytest.raises(SigningError, match="the file was changed"):
        sign(item.agreement, item.octets + b"\n", HOLDER, SIGNED, item.note)
    with pytest.raises(SigningError, match="cannot be read"):
        sign(item.agreement, item.octets, HOLDER, SIGNED, b"\xff")


def test_fingerprints_to_be_compared_are_those_of_the_signatories() -> None:
    """Not those of senders and nodes."""
    other = generate("holder-b", Role.NODE, "main")
    found = fingerprints(agreed(holder=listed(HOLDER, other)))
    assert [name for name, _ in found] == [HOLDER.name, CMO.name]
