from gateway.link.progress import EVERY, Progress


def test_rate_and_estimate_are_those_of_the_last_period() -> None:
    """Nothing is known before the first one ends."""
    progress = Progress()
    assert not progress.sent(100, 10.0)
    assert progress.seconds(500) is None
    assert progress.sent(400, 10.0 + EVERY)
    assert progress.rate == 500 / EVERY
    assert progress.seconds(1000) == 1000 / (500 / EVERY)
    assert progress.sent(0, 10.0 + 2 * EVERY)
    assert progress.seconds(1000) is None
