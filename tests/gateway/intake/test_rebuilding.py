"""An archive out of the topics alone is the one that the node had, whatever was lost, forged and sent again."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.archive.archive import Archive
from gateway.archive.content import digests
from gateway.intake.message import Batch
from gateway.intake.rebuilding import Rebuilding
from tests.gateway.holder import LONG, NODE, START, TRUSTED, Holder, Sent

COUNT = 8
NUMBERS = st.sets(st.integers(1, COUNT))


def read_again(batches: Sequence[Batch], size: int) -> list[Batch]:
    """Topics from their begin, so many messages of each at once."""
    messages = [one for batch in batches for one in batch.messages]
    seals = [one for batch in batches for one in batch.seals]
    resent = [one for batch in batches for one in batch.resent]
    return [
        Batch(tuple(messages[at : at + size]), tuple(seals[at : at + size]), tuple(resent[at : at + size]))
        for at in range(0, max(len(messages), len(seals), len(resent)), size)
    ]


def rebuilt(batches: Sequence[Batch]) -> tuple[Archive, float]:
    """And how many seconds were waited."""
    now = START + 1000.0
    archive = Archive(None)
    rebuilding = Rebuilding(("cmo-a", "holder-b"), TRUSTED, NODE, archive, clock=lambda: now)
    assert not any(rebuilding.take(batch) for batch in batches)
    while not rebuilding.take(Batch(caught_up=True)):
        now += 1.0
        assert now < START + 1100.0
    return archive, now - START - 1000.0


@settings(deadline=None, max_examples=6)
@given(
    st.sets(st.integers(1, COUNT)), st.sets(st.integers(1, COUNT)), st.sets(st.integers(1, COUNT)), st.integers(1, 20)
)
def test_the_content_is_identical(lost: set[int], forged: set[int], twice: set[int], size: int) -> None:
    """Entries were lost and sent again, others came behind a forged one, and others twice."""
    sent, holder = Sent(COUNT), Holder()
    for number, message in enumerate(sent.messages, 1):
        first = [sent.forged(number)] if number in forged - lost else []
        holder.take([*first, *([] if number in lost else [message]), *([message] if number in twice - lost else [])])
    holder.take(seals=[sent.seal(COUNT, holder.moment())])
    holder.take(wait=LONG)
    wanted = [
        number
        for ranges in holder.inspector.wanted().values()
        for low, high in ranges
        for number in range(low, high + 1)
    ]
    holder.take(resent=[sent.messages[number - 1] for number in wanted])
    holder.take(wait=LONG)
    assert holder.values() == [float(number) for number in range(1, COUNT + 1)]
    archive, _ = rebuilt(read_again(holder.batches, size))
    assert dict(digests(archive)) == dict(digests(holder.archive))
    archive.close()
    holder.archive.close()


def test_nothing_is_waited_for_where_seals_prove_everything() -> None:
    """And no receipt is told that was not."""
    sent, holder = Sent(3), Holder()
    holder.take(sent.messages, [sent.seal(3, 5)])
    archive, waited = rebuilt(read_again(holder.batches, 2))
    assert waited == 0
    assert dict(digests(archive)) == dict(digests(holder.archive))
    archive.close()


def test_what_differs_has_another_digest() -> None:
    """A value, an entry that is there by its hash alone, an entry more."""
    sent, made = Sent(3), []
    for messages in (sent.messages, [*sent.messages[:2], sent.forged(3)], sent.messages[:2]):
        holder = Holder()
        holder.take(messages)
        made.append(dict(digests(holder.archive)))
        holder.archive.close()
    holder = Holder()
    holder.take([*sent.messages[:2], sent.evicted(3, 3)])
    made.append(dict(digests(holder.archive)))
    holder.archive.close()
    for table in ("entries", "samples"):
        texts = [one[table] for one in made]
        assert len(set(texts)) == (4 if table == "entries" else 3)
