"""How often Python looks for cycles of garbage: seldom, in a program that makes many small objects without any."""

import gc


def spare_the_collector() -> None:
    """In the whole process, called once when it has started.

    Rows and samples go when their last user lets go of them; a third of the time of a long file would go into looking
    for cycles among them. It is safe for an agent that runs for years: cycles are still found, after 20,000 new objects
    instead of 700, so some MB may wait. What stood at the start (modules, classes) is not looked at again, so the
    longest look, which holds up alarms, becomes shorter.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
