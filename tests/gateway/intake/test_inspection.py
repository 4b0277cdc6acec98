"""Inspector and archive: what is archived in the end is genuine, once, and only that is confirmed."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.intake.live import Live
from gateway.intake.message import Message
from gateway.proof.findings import Code
from gateway.proof.keys import Role, generate, public_keys
from gateway.proof.merkle import leaf_hash
from gateway.proof.statement import Rotation, Sender, write_statement
from tests.gateway.holder import LONG, NODE, SENDER, START, STREAM, Holder, Sent, octets

quick = settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def genuine(holder: Holder, sent: Sent, count: int) -> None:
    """The archive has the first `count` entries as they were sent, and nothing else."""
    assert holder.entries() == octets(sent, count)
    assert holder.values() == [float(number) for number in range(1, count + 1)]


def test_what_a_seal_proves_is_stored_and_confirmed() -> None:
    """Octets as they came, one row a sample; the receipt is the sender's seal with our line added."""
    sent, holder = Sent(5), Holder()
    holder.take(sent.messages, [sent.seal(5, 1)])
    genuine(holder, sent, 5)
    (receipt,) = holder.receipts
    assert (receipt.seal.size, receipt.seal.root, receipt.time) == (5, sent.root(5), int(holder.now))
    standing = holder.archive.standings()[STREAM]
    assert (standing.verified, standing.confirmed, standing.confirmed_at) == (5, 5, receipt.time)


def test_the_newest_receipt_is_known_after_a_restart(tmp_path: Path) -> None:
    """To be offered again; a seal that was confirmed is not signed a second time."""
    sent, holder = Sent(5), Holder(tmp_path / "a.duckdb")
    holder.take(sent.messages[:3], [sent.seal(3, 1)])
    holder.take(sent.messages[3:], [sent.seal(5, 2)])
    holder.restart()
    (note,) = holder.archive.memory().receipts.values()
    assert note.startswith(sent.seal(5, 2))
    assert holder.take([], []).receipts == {}
    holder.archive.close()


def test_no_receipt_passes_a_missing_number() -> None:
    """However many seals come after it; it is wanted, and the answer lets the receipts go on."""
    sent, holder = Sent(8), Holder()
    holder.take(sent.messages[:3], [sent.seal(3, 1)])
    holder.take(sent.messages[4:], [sent.seal(8, 2)])
    for _ in range(3):
        holder.take(seals=[sent.seal(8, holder.moment())], wait=LONG)
    assert holder.confirmed() == 3
    assert holder.codes() == {"missing"}
    assert holder.inspector.wanted() == {STREAM: [(4, 4)]}
    holder.take(resent=[sent.messages[3]])
    assert holder.confirmed() == 8
    assert holder.inspector.wanted() == {}
    genuine(holder, sent, 8)


def test_an_answer_that_nobody_asked_for_is_left_out() -> None:
    """Neither stored nor believed."""
    sent, holder = Sent(3), Holder()
    holder.take(sent.messages[:1], resent=[sent.messages[1], sent.forged(3)])
    assert [number for number, _ in holder.entries()] == [1]
    assert holder.aside() == []


def test_a_forged_answer_replaces_nothing_and_does_not_stay() -> None:
    """It is taken as anything is that claims a free number; the genuine one takes its place when the seal proves it."""
    sent, holder = Sent(4), Holder()
    forged = sent.forged(2)
    holder.take([sent.messages[0], *sent.messages[2:]], [sent.seal(4, 1)])
    holder.take(wait=LONG)
    holder.take(resent=[forged])
    assert holder.confirmed() == 0
    holder.take(wait=LONG)
    holder.take(resent=[forged, sent.messages[1]])
    assert holder.confirmed() == 4
    genuine(holder, sent, 4)
    assert holder.aside() == [forged.entry]


def test_what_only_its_leaf_is_left_of_is_proven_without_octets() -> None:
    """The number stands there, and that its octets are not here."""
    sent, holder = Sent(5), Holder()
    holder.take([sent.messages[0], sent.messages[4]], [sent.seal(5, 1)])
    holder.take(wait=LONG)
    holder.take(resent=[sent.evicted(2, 4)])
    assert holder.confirmed() == 5
    assert [number for number, entry in holder.entries() if entry is None] == [2, 3, 4]
    assert holder.values() == [1.0, 5.0]


def test_hashes_that_the_sender_did_not_sign_for_are_not_receipted() -> None:
    """An administrator who puts right hashes in the place of entries is found; the numbers are asked for again."""
    sent, holder = Sent(5), Holder()
    forged = sent.evicted(2, 4, NODE)
    holder.take([sent.messages[0], forged, sent.messages[4]], [sent.seal(5, 1)])
    holder.take(wait=LONG)
    assert {Code.UNSIGNED, Code.MISSING} <= {finding.code for finding in holder.findings}
    assert holder.confirmed() == 0
    holder.take(resent=[forged])
    assert holder.confirmed() == 0
    holder.take(resent=sent.messages[1:4])
    assert holder.confirmed() == 5
    assert holder.values() == [1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_refuted_entry_leaves_the_archive_before_the_receipt(tmp_path: Path) -> None:
    """Also across a restart between the forged entry, the genuine one and the seal."""
    sent, holder = Sent(3), Holder(tmp_path / "a.duckdb")
    forged = sent.forged(2)
    holder.take([sent.messages[0], forged])
    holder.restart()
    holder.take(sent.messages[1:])
    assert holder.values()[::2] == [1.0, 3.0]
    assert dict(holder.entries())[2] == forged.entry
    holder.restart()
    holder.take(seals=[sent.seal(3, 1)])
    holder.take(wait=LONG)
    genuine(holder, sent, 3)
    assert holder.aside() == [forged.entry]
    assert holder.confirmed() == 3
    (finding,) = holder.take(wait=LONG).findings
    assert (finding.leaf, finding.sealed) == (leaf_hash(forged.entry), leaf_hash(sent.messages[1].entry))
    holder.archive.close()


def test_an_entry_that_no_seal_counts_leaves_the_archive() -> None:
    """Its bytes are kept aside."""
    sent, holder = Sent(3), Holder()
    stray = sent.forged(9)
    holder.take([*sent.messages, stray], [sent.seal(3, 1)])
    assert len(holder.values()) == 4
    for _ in range(9):
        holder.take(seals=[sent.seal(3, holder.moment())], wait=20)
    assert "unsigned" in holder.codes()
    genuine(holder, sent, 3)
    assert holder.aside() == [stray.entry]


@quick
@given(st.data())
def test_whatever_the_order_only_the_genuine_is_archived_in_the_end(data: st.DataObject) -> None:
    """Forged copies before and after the genuine ones, repeats, seals and restarts at any time, the missing resent."""
    count = data.draw(st.integers(1, 8), label="count")
    sent, holder = Sent(count), Holder()
    forged = [sent.forged(n) for n in data.draw(st.lists(st.integers(1, count), max_size=5), label="forged")]
    lost = data.draw(st.sets(st.integers(0, count - 1), max_size=3), label="lost")
    came = [m for at, m in enumerate(sent.messages) if at not in lost] + forged
    came += data.draw(st.lists(st.sampled_from(sent.messages), max_size=3), label="repeats")
    pending = data.draw(st.permutations(came), label="order")
    while pending:
        size = data.draw(st.integers(1, len(pending)))
        seals = [sent.seal(count, holder.moment())] if data.draw(st.booleans()) else []
        holder.take(pending[:size], seals)
        pending = pending[size:]
        if data.draw(st.booleans()):
            holder.restart()
    holder.take(seals=[sent.seal(count, holder.moment())])
    _answer_until_confirmed(holder, sent, forged)
    genuine(holder, sent, count)
    assert set(holder.aside()) <= {message.entry for message in forged}
    assert holder.receipts[-1].seal.root == sent.root(count)
    live = Live.of(holder.archive)
    assert live.readings["dp"].value == float(count)


def _answer_until_confirmed(holder: Holder, sent: Sent, forged: list[Message]) -> None:
    """Answer what is wanted, a forgery first each time; no receipt is given for less than all of it being genuine."""
    for _ in range(12):
        if holder.confirmed() == len(sent.messages):
            return
        wanted = [n for first, last in holder.inspector.wanted().get(STREAM, ()) for n in range(first, last + 1)]
        lies = [message for message in forged if message.number in wanted]
        holder.take(resent=[*lies, *(sent.messages[number - 1] for number in wanted)], wait=LONG)
    raise AssertionError(f"not confirmed: {holder.archive.standings()}, {holder.findings}")


@quick
@given(st.data())
def test_a_replay_from_any_earlier_position_changes_nothing(tmp_path: Path, data: st.DataObject) -> None:
    """A node that is killed, or whose topic was made anew, reads messages a second time."""
    sent, holder = Sent(9), Holder()
    for begin in range(0, 9, 3):
        holder.take(sent.messages[begin : begin + 3], [sent.seal(begin + 3, begin + 1)])
    first = data.draw(st.integers(0, len(holder.batches) - 1))
    for batch in holder.batches[first:]:
        holder.replay(batch)
    genuine(holder, sent, 9)
    assert holder.codes() <= {"stale_seal"}
    assert holder.confirmed() == 9


def test_repeats_that_follow_each_other_are_one_finding() -> None:
    """A topic that is read anew from its begin would fill the archive with them."""
    sent, holder = Sent(50), Holder()
    holder.take(sent.messages)
    (finding,) = holder.take(sent.messages).findings
    assert (finding.code.value, finding.first, finding.last) == ("duplicate", 1, 50)


@pytest.mark.parametrize("change", ["key", "header", "superfluous"])
def test_an_altered_envelope_is_found_and_the_entry_stays(change: str) -> None:
    """Key and headers follow from entry and number."""
    sent, holder = Sent(3), Holder()
    message = sent.messages[1]
    changed = {
        "key": replace(message, key=b"other"),
        "header": replace(message, headers={**message.headers, "ce_time": b"2020-01-01T00:00:00.000000Z"}),
        "superfluous": replace(message, headers={**message.headers, "more": b"1"}),
    }[change]
    holder.take([sent.messages[0], changed, sent.messages[2]], [sent.seal(3, 1)])
    (finding,) = holder.findings
    assert (finding.code.value, finding.first, finding.leaf) == ("altered", 2, None)
    genuine(holder, sent, 3)
    assert holder.confirmed() == 3


def test_a_rotation_is_known_after_a_restart(tmp_path: Path) -> None:
    """What the new key seals is proven by what the archive remembers of the statement."""
    sent, holder = Sent(2), Holder(tmp_path / "a.duckdb")
    new = generate("cmo-a", Role.SENDER, "line-3")
    rotation = Rotation(Sender("cmo-a", "line-3"), START + 5, public_keys(SENDER), public_keys(new))
    note = write_statement(rotation, [SENDER, new], START + 4)
    holder.take(sent.messages[:1], [note], key="cmo-a.line-3")
    holder.restart()
    assert list(holder.archive.memory().rings) == ["cmo-a.line-3"]
    assert holder.codes() == set()
    holder.archive.close()


def test_a_note_under_the_key_of_nobody_is_found() -> None:
    """A broker's administrator cannot put a seal aside by renaming its key."""
    sent, holder = Sent(2), Holder()
    holder.take(sent.messages, [sent.seal(2, 1)], key="nobody")
    assert holder.codes() == {"altered"}
    assert holder.confirmed() == 0
