"""Whether the story ended as it should: what was expected of the alarms, against what the holder saw. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulators.demo.watch import Seen

MAX_LATENCY = 1000.0
"""Milliseconds from sensor to holder that 99 of 100 samples may take."""


@dataclass(frozen=True)
class Finding:
    """One line of the summary."""

    good: bool
    text: str


def judge(seen: Seen, expected: Sequence[str]) -> list[Finding]:
    """A line for each expected alarm, for every other alarm, for latency and for the records themselves."""
    findings = [_alarm(seen, condition) for condition in expected]
    others = [row for row in seen.alarms.values() if row["condition"] not in expected]
    findings += [Finding(False, f"{row['condition']}: an alarm that nobody expected") for row in others]
    if not seen.alarms and not expected:
        findings.append(Finding(True, "no alarm, as expected"))
    return [*findings, _latency(seen), _records(seen)]


def _alarm(seen: Seen, condition: str) -> Finding:
    rows = [row for row in seen.alarms.values() if row["condition"] == condition]
    if len(rows) != 1:
        return Finding(
            False, f"{condition}: {len(rows) or 'no'} alarm{'s' if rows else ''} at the holder, expected one"
        )
    row = rows[0]
    if not row["returned"]:
        return Finding(False, f"{condition}: raised, but did not return")
    limit = f"{'below' if row['low'] else 'above'} {row['limit']:g} {row['unit']}"
    extreme = f"{'lowest' if row['low'] else 'highest'} {row['extreme']:.1f}"
    raised = _after(seen.first_seen[row["alarm"]], row["raised"])
    returned = _after(seen.return_seen[row["alarm"]], row["returned"])
    text = (
        f"{condition}: {limit} for {row['duration'] / 1e6:.1f} s ({extreme}); raised after {row['on_delay']:g} s and "
    )
    text += f"with the holder {raised}; returned, with the holder {returned}"
    return Finding(True, text)


def _after(seen: int, happened: int) -> str:
    return f"{max(0, seen - happened) / 1e6:.2f} s later"


def _latency(seen: Seen) -> Finding:
    latency = seen.overview.get("latency_ms")
    if not latency:
        return Finding(False, "latency: no timed sample reached the holder")
    away = any(event["action"] == "stop_broker" for event in seen.events)
    text = f"sensor to holder: p50 {latency['p50']:.0f} ms, p99 {latency['p99']:.0f} ms over the last minute"
    return Finding(away or latency["p99"] < MAX_LATENCY, f"{text}{', with Kafka away for a time' if away else ''}")


def _records(seen: Seen) -> Finding:
    quarantined = seen.overview.get("quarantined", 0)
    text = f"messages received by the holder: {seen.overview.get('messages', 0)}, unreadable: {quarantined}"
    return Finding(not quarantined, text)
