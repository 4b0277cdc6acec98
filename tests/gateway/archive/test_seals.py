"""Seals in the archive: one for each size that came to be proven, and those that wait."""

from gateway.archive.seals import found_of_seals, newest_seals, sizes_from, unproven_seals
from gateway.proof.note import ED25519
from tests.gateway.holder import LONG, SENDER, START, STREAM, Holder, Sent


def test_each_seal_that_proves_more_is_kept_with_the_receipt_for_it() -> None:
    """A seal that counts nothing new proves nothing new; of several at once only the largest is countersigned."""
    stream, holder = Sent(6), Holder()
    holder.take(stream.messages[:2], [stream.seal(2, 3)])
    holder.take(seals=[stream.seal(2, 4)])
    holder.take(stream.messages[2:], [stream.seal(4, 5), stream.seal(6, 6)])
    kept = newest_seals(holder.archive, STREAM, None, 10)
    assert [(one.size, one.root, one.time) for one in kept] == [
        (size, stream.root(size), START + time) for size, time in ((6, 6), (4, 5), (2, 3))
    ]
    assert [one.confirmed for one in kept] == [START + 3, None, START + 1]
    assert {one.key for one in kept} == {f"{SENDER.name}+{SENDER.verifier(ED25519).id.hex()}"}
    assert [one.proven for one in kept] == [int(one * 1e6) for one in (START + 3, START + 3, START + 1)]
    assert [one.size for one in newest_seals(holder.archive, STREAM, 5, 1)] == [4]
    assert sizes_from(holder.archive, STREAM, 3, 5) == [4, 6]
    holder.archive.close()


def test_a_seal_waits_until_what_it_counts_is_here_and_fits() -> None:
    """Before that it proves nothing, also after a restart; a root that never fits is disputed."""
    stream, holder = Sent(4), Holder()
    holder.take(stream.messages[:2], [stream.seal(2, 3), stream.seal(4, 4)])
    assert [(one.size, one.disputed) for one in unproven_seals(holder.archive, STREAM)] == [(4, False)]
    holder.restart()
    holder.take([stream.messages[2], stream.forged(4)])
    assert [(one.size, one.disputed) for one in unproven_seals(holder.archive, STREAM)] == [(4, True)]
    assert [one.size for one in newest_seals(holder.archive, STREAM, None, 10)] == [2]
    holder.take([stream.messages[3]])
    holder.take(wait=LONG)
    assert [one.size for one in newest_seals(holder.archive, STREAM, None, 10)] == [4, 2]
    assert unproven_seals(holder.archive, STREAM) == unproven_seals(holder.archive, "no-such") == []
    holder.archive.close()


def test_what_was_found_about_seals_is_told_apart_from_what_was_found_about_records() -> None:
    """A forged note, and a forged entry beside it."""
    stream, holder = Sent(2), Holder()
    seal = stream.seal(2, 9)
    holder.take([*stream.messages, stream.forged(2)], [seal.replace(b"\n2\n", b"\n1\n"), seal])
    holder.take(wait=LONG)
    assert "altered" in holder.codes()
    assert [one.text[:6] for one in found_of_seals(holder.archive, STREAM, 9)] == ["a seal"]
    holder.archive.close()
