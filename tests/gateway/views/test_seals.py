"""Seals of a stream, a page at a time."""

import pytest

from gateway.bundle.archived import Proofs
from gateway.intake.inspection import Inspected
from gateway.intake.message import Batch
from gateway.proof.keyring import KeyRing
from gateway.proof.keys import Role, generate, public_keys
from gateway.proof.statement import Closing, LastKnown, Sender, write_statement
from gateway.views import seals
from gateway.views.seals import Holds, SealsPage, seals_page
from tests.gateway.holder import NODE, SENDER, START, STREAM, TRUSTED, Holder, Sent

SECOND = 1_000_000


def shown(holder: Holder, to: int | None = None) -> SealsPage:
    return seals_page(STREAM, to, Proofs(NODE, TRUSTED))(holder.archive)


def test_each_seal_tells_the_numbers_that_it_was_the_first_to_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages go on without an overlap, and a number leads to the seal that proved it first."""
    monkeypatch.setattr(seals, "PAGE", 2)
    stream, holder = Sent(9), Holder()
    holder.take(stream.messages[:7], [stream.seal(size, size) for size in (1, 3, 4, 7)])
    newest = shown(holder)
    assert [(row.first, row.last, row.holds) for row in newest.rows] == [(5, 7, Holds.PROVEN), (4, 4, Holds.PROVEN)]
    assert (newest.last, newest.older, newest.newer) == (7, 3, None)
    older = shown(holder, newest.older)
    assert [(row.first, row.last) for row in older.rows] == [(2, 3), (1, 1)]
    assert (older.older, older.newer) == (None, 7)
    assert [row.last for row in shown(holder, 2).rows] == [3, 1]
    assert [row.last for row in shown(holder, 99).rows] == [7, 4]
    assert newest.rows[0].signed == (START + 7) * SECOND
    assert newest.rows[0].root == stream.root(7).hex()
    holder.archive.close()


def test_what_waits_and_what_does_not_fit_is_no_seal_that_holds() -> None:
    """It is told apart, newest first."""
    stream, holder = Sent(6), Holder()
    holder.take([*stream.messages[:3], stream.forged(4)], [stream.seal(size, size) for size in (3, 4, 6)])
    page = shown(holder)
    assert [(row.first, row.last, row.holds) for row in page.waiting] == [
        (5, 6, Holds.WAITING),
        (4, 4, Holds.DISPUTED),
    ]
    assert [row.last for row in page.rows] == [3]
    holder.archive.close()


def test_a_seal_beyond_where_a_signatory_closed_the_stream_counts_no_more() -> None:
    """However well it fits; those before go on to hold."""
    stream, holder, signatory = Sent(4), Holder(), generate("cmo-a", Role.SIGNATORY, "quality")
    holder.take(stream.messages, [stream.seal(2, 2), stream.seal(4, 4)])
    sender, trusted = Sender("cmo-a", "line-3"), [*TRUSTED, *public_keys(signatory)]
    ring, end = KeyRing(sender, trusted), START + 60
    closing = Closing(sender, end, public_keys(SENDER), (LastKnown(STREAM, 3, None),), "the box burnt", "a minute")
    assert ring.take(write_statement(closing, [signatory], end), 0.0) is None
    holder.archive.store_inspected(Inspected(Batch(), rings={str(sender): ring.state()}))
    page = seals_page(STREAM, None, Proofs(NODE, trusted))(holder.archive)
    assert [(row.last, row.holds) for row in page.rows] == [(4, Holds.CLOSED), (2, Holds.PROVEN)]
    holder.archive.close()


def test_without_any_seal_there_is_nothing() -> None:
    """Not even a page before or after."""
    holder = Holder()
    holder.take(Sent(2).messages)
    assert shown(holder) == SealsPage(STREAM, 0, [], None, None, [], [])
    holder.archive.close()
