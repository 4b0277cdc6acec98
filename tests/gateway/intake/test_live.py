"""The live view knows when only the archive can tell what is newest."""

from gateway.intake.live import Live
from tests.gateway.holder import LONG, Holder, Sent


def test_what_comes_late_does_not_stand_as_the_newest() -> None:
    """A reading that was sent again is older than what is shown; the view says so and takes over the archive's."""
    sent, holder = Sent(4), Holder()
    live = Live.of(holder.archive)
    live.apply_inspected(holder.take([sent.messages[0], *sent.messages[2:]], [sent.seal(4, 1)]))
    holder.take(wait=LONG)
    assert not live.outdated
    live.apply_inspected(holder.take(resent=[sent.messages[1]]))
    assert live.outdated
    live.renew(Live.of(holder.archive))
    assert (live.outdated, live.readings["dp"].value) == (False, 4.0)


def test_what_was_refuted_does_not_stay_in_view() -> None:
    """A forged reading is shown as received until a seal proves another one, and no longer."""
    sent, holder = Sent(2), Holder()
    live = Live.of(holder.archive)
    forged = sent.forged(2)
    live.apply_inspected(holder.take([sent.messages[0], forged, sent.messages[1]]))
    assert live.readings["dp"].value == 10_001
    live.apply_inspected(holder.take(seals=[sent.seal(2, 1)]))
    live.apply_inspected(holder.take(wait=LONG))
    assert live.outdated
    live.renew(Live.of(holder.archive))
    assert (live.readings["dp"].value, live.quarantined) == (2.0, 1)


def test_a_view_made_after_a_restart_knows_the_last_numbers() -> None:
    """Also those behind a hole."""
    sent, holder = Sent(4), Holder()
    holder.take([sent.messages[0], *sent.messages[2:]], [sent.seal(4, 1)])
    holder.take(wait=LONG)
    live = Live.of(holder.archive)
    live.apply_inspected(holder.take(resent=[sent.messages[1]]))
    assert live.outdated
