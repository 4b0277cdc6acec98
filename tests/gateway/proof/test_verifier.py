"""The verifier's clock, its bounds, its memory and what it tells the caller."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proof import unproven
from gateway.proof.findings import Code
from gateway.proof.keyring import KeyRing
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import Note
from gateway.proof.standing import OUTCOMES, Limits, Outcome, Standing
from gateway.proof.state import State
from gateway.proof.verifier import Verifier
from tests.gateway.proof.streams import LINE, SENDERS, START, STREAM, Reader, entries, message, sealed

ENTRIES = entries(12)
LIMITS = Limits()


def reader_of(count: int, limits: Limits | None = None) -> Reader:
    """Someone who has received the first entries, and read the topics to their ends."""
    reader = Reader(limits)
    for number, entry in enumerate(ENTRIES[:count], 1):
        reader.entry(message(number, entry))
    reader.wait(0)
    return reader


def test_every_standing_has_its_outcome() -> None:
    """A free number has no content that could be the same."""
    assert set(OUTCOMES) == {(one, same) for one in Standing for same in (True, False)} - {(Standing.FREE, True)}


def test_silence_is_found_once_and_ends() -> None:
    """Neither before its time nor twice; the next silence is another finding."""
    reader = reader_of(3)
    reader.seal(sealed(ENTRIES, 3, START))
    reader.wait(LIMITS.silent)
    assert reader.codes() == set()
    for _ in range(3):
        reader.wait(LIMITS.silent)
    assert [finding.code for finding in reader.found] == [Code.SILENT_STREAM]
    reader.seal(sealed(ENTRIES, 3, START + 120))
    reader.wait(LIMITS.silent + 1)
    assert [finding.code for finding in reader.found] == [Code.SILENT_STREAM] * 2


def test_a_stream_that_never_spoke_is_silent() -> None:
    """From the moment somebody listens."""
    reader = Reader()
    reader.wait(0)
    reader.wait(LIMITS.silent + 1)
    assert reader.codes() == {Code.SILENT_STREAM}


def test_time_in_which_nobody_listened_is_no_silence() -> None:
    """After a restart the verifier waits anew."""
    reader = reader_of(3)
    reader.seal(sealed(ENTRIES, 3, START))
    reader.now += 3600
    reader.restart()
    reader.wait(0)
    reader.wait(LIMITS.silent)
    assert reader.found == []


def test_replays_do_not_break_a_silence() -> None:
    """Old entries and the last seal again are no sign of life."""
    reader = reader_of(3)
    reader.seal(sealed(ENTRIES, 3, START))
    for _ in range(4):
        reader.wait(10)
        reader.entry(message(2, ENTRIES[1]))
        reader.seal(sealed(ENTRIES, 3, START))
    assert reader.codes() == {Code.SILENT_STREAM}
    assert reader.verifier.repeats == (4, 4)


@pytest.mark.parametrize("sealed_before", [True, False])
def test_entries_without_seals_are_a_late_seal(sealed_before: bool) -> None:
    """Told once, and over when a seal comes; also where none ever came."""
    reader = Reader()
    if sealed_before:
        reader.seal(sealed(ENTRIES, 0, START))
    for number, entry in enumerate(ENTRIES[:9], 1):
        reader.entry(message(number, entry))
        reader.wait(10)
    assert [finding.code for finding in reader.found] == [Code.LATE_SEAL]
    reader.seal(sealed(ENTRIES, 9, int(reader.now)))
    reader.wait(20)
    assert [finding.code for finding in reader.found] == [Code.LATE_SEAL]
    assert reader.verifier.verified_to == 9


def test_a_seal_that_was_long_under_way_is_late() -> None:
    """Held back by somebody; it is counted all the same. One that is read late from a backlog is not."""
    reader = Reader(Limits(silent=inf))
    reader.entry(message(1, ENTRIES[0]))
    reader.wait(LIMITS.late + 1, caught_up=False)
    reader.seal(sealed(ENTRIES, 1, START))
    reader.wait(LIMITS.late)
    assert reader.found == []
    reader.seal(sealed(ENTRIES, 1, START + 1))
    assert reader.codes() == {Code.LATE_SEAL}
    assert reader.verifier.verified is not None
    assert reader.verifier.verified.time == START + 1


def test_nothing_is_missing_before_the_topic_is_read_to_its_end() -> None:
    """The seals may be read long before the entries."""
    reader = Reader(Limits(silent=inf))
    reader.seal(sealed(ENTRIES, 12, START))
    for number, entry in enumerate(ENTRIES[:6], 1):
        reader.wait(600, caught_up=False)
        reader.entry(message(number, entry))
    assert reader.found == []
    reader.wait(1)
    assert reader.numbers(Code.MISSING) == set(range(7, 13))
    assert reader.verifier.wanted() == [(7, 12)]


def test_a_missing_tail_is_found_while_idle_seals_keep_coming() -> None:
    """They count the same entries again and again; that does not begin the waiting anew."""
    reader = reader_of(2)
    for step in range(8):
        reader.seal(sealed(ENTRIES, 3, START + 3 * step))
        reader.wait(3)
    assert [(one.code, one.first, one.last) for one in reader.found] == [(Code.MISSING, 3, 3)]


def test_old_seals_of_a_backlog_do_not_make_entries_unsigned() -> None:
    """Entries may be read long before the seals that count them."""
    reader = reader_of(12, Limits(silent=inf))
    reader.wait(600, caught_up=False)
    for size in (3, 6, 12):
        reader.seal(sealed(ENTRIES, size, START + size))
    assert (reader.found, reader.verifier.verified_to) == ([], 12)


def test_a_repeat_of_what_was_just_proven_is_no_forgery() -> None:
    """Even before the caller has been told that the content it stored first was not the sealed one."""
    reader = reader_of(2)
    reader.entry(message(3, b"forged"))
    reader.entry(message(3, ENTRIES[2]))
    reader.seal(sealed(ENTRIES, 3, START))
    reader.wait(LIMITS.patience)
    assert reader.verifier.verified_to == 3
    reader.entry(message(3, ENTRIES[2]))
    assert reader.outcome is Outcome.REPEATED
    reader.wait(LIMITS.patience)
    assert [one.leaf for one in reader.found if one.alarms] == [leaf_hash(b"forged")]


def test_several_forged_entries_before_the_genuine_ones_are_found() -> None:
    """Also when none of them alone explains the root."""
    reader = reader_of(1)
    for content in ([b"forged 2", b"forged 3"], ENTRIES[1:3]):
        for number, entry in enumerate(content, 2):
            reader.entry(message(number, entry))
    reader.seal(sealed(ENTRIES, 3, START))
    reader.wait(LIMITS.patience)
    reader.wait(LIMITS.patience)
    assert reader.verifier.verified_to == 3
    assert [(one.code, one.first) for one in reader.found] == [(Code.ALTERED, 2), (Code.ALTERED, 3)]


def test_an_answer_and_a_rival_together_settle_a_dispute() -> None:
    """One number was sent again, of another the genuine content had come second."""
    reader = reader_of(1, Limits(silent=inf, late=inf))
    for number, entry in ((2, b"forged 2"), (3, b"forged 3"), (3, ENTRIES[2]), (3, b"another")):
        reader.entry(message(number, entry))
    reader.seal(sealed(ENTRIES, 3, START))
    reader.wait(LIMITS.patience)
    assert reader.verifier.wanted() == [(1, 3)]
    reader.answer(2, [b"altered on its way"])
    reader.answer(2, [ENTRIES[1]])
    assert reader.verifier.verified_to == 3
    reader.wait(LIMITS.patience)
    refused = {leaf_hash(forged) for forged in (b"forged 2", b"forged 3", b"another", b"altered on its way")}
    assert {one.leaf for one in reader.found} - {None} == refused


def test_an_entry_that_no_seal_counts_is_unsigned() -> None:
    """Somebody put it at the end of the topic; the genuine entry of its number is then taken and proven."""
    reader = reader_of(3)
    reader.entry(message(4, b"invented"))
    reader.entry(message(99, b"far out"))
    for step in range(1, 9):
        reader.wait(10)
        reader.seal(sealed(ENTRIES, 3, START + 10 * step))
    assert reader.codes() == {Code.UNSIGNED}
    assert reader.numbers(Code.UNSIGNED) == {4, 99}
    assert reader.found[0].leaf == leaf_hash(b"invented")
    reader.entry(message(4, ENTRIES[3]))
    assert reader.outcome is Outcome.RECEIVED
    reader.seal(sealed(ENTRIES, 4, START + 85))
    assert reader.verifier.verified_to == 4


def test_the_genuine_entry_behind_an_unsigned_one_moves_up() -> None:
    """It had come too, as a rival, before any seal counted the number."""
    reader = reader_of(3)
    reader.entry(message(4, b"invented"))
    reader.now += LIMITS.late + 5
    reader.entry(message(4, ENTRIES[3]))
    assert reader.outcome is Outcome.RIVAL
    reader.now += 10
    reader.seal(sealed(ENTRIES, 3, int(reader.now)))
    assert reader.codes() == {Code.UNSIGNED}
    reader.seal(sealed(ENTRIES, 4, int(reader.now) + 1))
    assert reader.verifier.verified_to == 4


def test_an_answer_that_was_altered_too_is_found_and_asked_for_again() -> None:
    """Also what is sent again is only a claim."""
    reader = reader_of(2, Limits(silent=inf, late=inf))
    reader.entry(message(4, ENTRIES[3]))
    reader.seal(sealed(ENTRIES, 4, START))
    reader.wait(LIMITS.patience)
    assert reader.verifier.wanted() == [(3, 3)]
    reader.answer(3, [b"altered"])
    reader.wait(LIMITS.patience)
    assert reader.verifier.wanted() == [(1, 4)]
    reader.answer(1, ENTRIES[:4])
    assert reader.verifier.verified_to == 4
    reader.wait(LIMITS.patience)
    last = reader.found[-1]
    assert (last.code, last.first, last.leaf, last.sealed) == (
        Code.ALTERED,
        3,
        leaf_hash(b"altered"),
        leaf_hash(ENTRIES[2]),
    )
    assert reader.verifier.wanted() == []


def test_an_answer_about_a_proven_number_changes_nothing() -> None:
    """Nobody asked; another content than the sealed one is altered."""
    reader = reader_of(3)
    reader.seal(sealed(ENTRIES, 3, START))
    reader.answer(2, [ENTRIES[1]])
    reader.answer(3, [b"altered"])
    reader.wait(LIMITS.patience)
    assert reader.numbers(Code.ALTERED) == {3}
    assert reader.verifier.verified_to == 3


def test_leaves_alone_are_enough() -> None:
    """Of entries that made room at the sender: the roots after them still hold."""
    reader = reader_of(3)
    for number in (4, 5):
        reader.verifier.take(number, leaf_hash(ENTRIES[number - 1]), reader.now)
    reader.entry(message(6, ENTRIES[5]))
    reader.seal(sealed(ENTRIES, 6, START))
    assert (reader.found, reader.verifier.verified_to) == ([], 6)


def test_an_idle_stream_is_verified_up_to_the_newest_time() -> None:
    """What a receipt countersigns is the newest seal."""
    reader = reader_of(3)
    for step in range(4):
        reader.seal(sealed(ENTRIES, 3, START + step))
    assert reader.verifier.verified is not None
    assert reader.verifier.verified.time == START + 3
    assert Note.parse(reader.verifier.verified.note).text.startswith(STREAM)


def test_a_log_that_got_smaller_is_forked() -> None:
    """The sender said later that less was there: restored from an old copy."""
    reader = reader_of(5)
    reader.seal(sealed(ENTRIES, 5, START))
    reader.seal(sealed(ENTRIES, 4, START + 1))
    assert reader.codes() == {Code.FORKED}


def test_a_flood_of_contents_for_one_number_is_bounded() -> None:
    """Of so many at most one can be genuine; it is still proven, and each forgery is told."""
    reader = reader_of(3)
    for at in range(unproven.MAX_RIVALS + 5):
        reader.entry(message(3, f"forged {at}".encode()))
    assert reader.outcome is Outcome.REFUSED
    reader.seal(sealed(ENTRIES, 3, START))
    reader.wait(LIMITS.patience)
    assert reader.verifier.verified_to == 3
    assert len([finding for finding in reader.found if finding.code is Code.ALTERED]) == unproven.MAX_RIVALS + 5


def test_numbers_after_a_hole_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond is asked for again later."""
    monkeypatch.setattr(unproven, "MAX_AHEAD", 3)
    reader = reader_of(2, Limits(silent=inf, late=inf))
    for number in range(4, 9):
        reader.entry(message(number, ENTRIES[number - 1]))
    assert reader.outcome is Outcome.REFUSED
    assert reader.verifier.waiting == (5, 0)
    reader.seal(sealed(ENTRIES, 8, START))
    reader.wait(LIMITS.patience)
    assert reader.verifier.wanted() == [(3, 3), (7, 8)]
    for first, last in reader.verifier.wanted():
        reader.answer(first, ENTRIES[first - 1 : last])
    assert reader.verifier.verified_to == 8


def test_a_finding_says_all_in_one_line() -> None:
    """Code, stream, numbers, what."""
    reader = reader_of(2)
    reader.seal(sealed(ENTRIES, 4, START))
    reader.wait(LIMITS.patience)
    assert [str(finding) for finding in reader.found] == [
        f"missing: {STREAM} numbers 3 to 4: a seal counts them, the topic does not hold them"
    ]


@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=30), st.lists(st.integers(0, 12), max_size=5))
def test_a_restart_at_any_point_changes_nothing(deliveries: list[tuple[int, bool]], sizes: list[int]) -> None:
    """Whatever came, genuine or not, in whatever order: what is remembered is all that counts."""
    kept, started_anew = Reader(), Reader()
    seals = {at * 3: sealed(ENTRIES, size, START + at) for at, size in enumerate(sizes)}
    for reader in (kept, started_anew):
        for at, (number, genuine) in enumerate(deliveries):
            reader.entry(message(number, ENTRIES[number - 1] if genuine else b"forged"))
            if at in seals:
                reader.seal(seals[at])
            reader.wait(1)
            if at % 7 == 3:
                reader.answer(number, ENTRIES[number - 1 : number])
            if reader is started_anew:
                reader.restart()
                reader.wait(0)
        reader.wait(LIMITS.patience)
    assert started_anew.found == kept.found
    assert started_anew.verifier.state() == kept.verifier.state()


@pytest.mark.parametrize(
    "octets", [b"", b"{}", b"[]", b"\xff", State().to_bytes().replace(b'"version": 2', b'"version": 1')]
)
def test_a_state_that_is_none_is_refused(octets: bytes) -> None:
    """Rather than beginning anew unnoticed."""
    with pytest.raises(ValueError, match="not a verifier's state"):
        Verifier(STREAM, KeyRing(LINE, SENDERS), lambda number: ENTRIES[number], state=octets)


def test_a_whole_export_is_checked_without_waiting() -> None:
    """With no patience the verdict falls at once."""
    reader = reader_of(11, Limits(patience=0, late=inf, silent=inf))
    reader.seal(sealed(ENTRIES, 12, START))
    reader.wait(0)
    assert reader.numbers(Code.MISSING) == {12}
