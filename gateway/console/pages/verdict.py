"""What is true of all streams, in a sentence, for the pages that say it."""

from gateway.console.visit import Visit
from gateway.views.display import age, number
from gateway.views.streams import Summary, Verdict

TONES = {Verdict.MISSING: "action", Verdict.UNSEALED: "data", Verdict.LATE: "alert", Verdict.PROVEN: "good"}


def trust_tone(found: Summary | None) -> str:
    """The tone of the sentence."""
    if found is None or (found.verdict is Verdict.PROVEN and found.leaves_only):
        return "data"
    return TONES[found.verdict]


def verdict_text(found: Summary | None, now: int, visit: Visit) -> str:
    """Either that all records are here and proven, or what is not."""
    say = visit.say
    if found is None:
        return say("verdict.nothing")
    proven, time = number(found.proven, "{#}"), visit.clock.stamp(found.to or now)
    if found.verdict is Verdict.PROVEN:
        parts = [say("verdict.proven", n=proven, time=time)]
        parts += [say("verdict.waiting", n=number(found.waiting, "{#}"))] if found.waiting else []
        return "".join([*parts, *_leaves(found, visit)])
    parts = [say("verdict.missing", n=number(found.missing, "{#}"))] if found.missing else []
    parts += [say("verdict.unsealed", n=found.unsealed)] if found.unsealed else []
    if found.late:
        parts.append(say("verdict.late", n=found.late, age=age(now - (found.to or now), say), time=time))
    return "".join([*parts, say("verdict.rest", n=proven), *_leaves(found, visit)])


def _leaves(found: Summary, visit: Visit) -> list[str]:
    lost = found.leaves_only
    return [visit.say("verdict.leaves_only", n=number(lost, "{#}"))] if lost else []
