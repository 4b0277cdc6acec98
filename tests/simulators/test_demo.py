"""The demo: what it judges, and that Ctrl-C leaves nothing behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simulators.demo.judge import judge
from simulators.demo.screen import event_text
from simulators.demo.watch import Seen, Watch

ROOT = Path(__file__).parents[2]
ROW = {
    "alarm": "a1", "condition": "M1.DP.C1.LOW", "low": True, "limit": 10.0, "unit": "Pa", "duration": 26_000_000,
    "extreme": -0.3, "on_delay": 10.0, "raised": 5_000_000, "returned": 9_000_000,
}  # fmt: skip


def seen(*rows: dict[str, Any], p99: float = 20.0, quarantined: int = 0) -> Seen:
    overview = {"latency_ms": {"p50": 9.0, "p99": p99}, "messages": 12, "quarantined": quarantined}
    found = Seen(overview=overview)
    found.take_alarms(list(rows), 9_500_000)
    return found


def verdict(found: Seen, *expected: str) -> bool:
    return all(finding.good for finding in judge(found, expected))


def test_the_expected_alarm_raised_and_returned_is_good() -> None:
    """And is told with its times."""
    findings = judge(seen(ROW), ["M1.DP.C1.LOW"])
    assert all(finding.good for finding in findings)
    assert findings[0].text.startswith("M1.DP.C1.LOW: below 10 Pa for 26.0 s (lowest -0.3)")


def test_what_should_not_be_is_not_good() -> None:
    """No alarm, two, one that stays, one nobody expected, late samples, unreadable records, no samples at all."""
    expected = "M1.DP.C1.LOW"
    assert not verdict(seen(), expected)
    assert not verdict(seen(ROW, {**ROW, "alarm": "a2"}), expected)
    assert not verdict(seen({**ROW, "returned": None}), expected)
    assert not verdict(seen(ROW))
    assert not verdict(seen(ROW, p99=1200.0), expected)
    assert not verdict(seen(ROW, quarantined=1), expected)
    assert not verdict(Seen(), expected)
    assert verdict(seen())


def test_events_are_read_as_they_are_written(tmp_path: Path) -> None:
    """A line that is not whole yet waits."""
    file = tmp_path / "events.jsonl"
    watch = Watch("http://127.0.0.1:9", file)
    assert watch.new_events() == []
    line = '{"time": 1, "at": 20.0, "action": "open_door", "arguments": {"door": "M1-C1"}}\n'
    file.write_text(line + line[:20])
    assert [event_text(event) for event in watch.new_events()] == ["  20.0 s  open door door=M1-C1"]
    file.write_text(line + line)
    assert len(watch.new_events()) == 1
    assert watch.new_events() == []
    watch.close()


def children_of(pid: int) -> list[int]:
    listing = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listing.splitlines()[1:]]
    found = [child for child, parent in pairs if parent == pid]
    return found + [grandchild for child in found for grandchild in children_of(child)]


@pytest.mark.kafka
def test_ctrl_c_ends_everything_the_demo_started(kafka_ready: None) -> None:
    """Broker, plant with its devices, agent and node; exit code 130, no traceback."""
    command = [sys.executable, "-m", "simulators.demo", "--port", "0"]
    environment = {**os.environ, "COLUMNS": "200"}
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as demo:
        assert demo.stdout
        said = []
        for line in demo.stdout:
            said.append(line)
            if "put load" in line:
                break
        started = children_of(demo.pid)
        assert len(started) >= 8
        demo.send_signal(signal.SIGINT)
        said += demo.stdout.readlines()
        assert demo.wait(60) == 130
    assert "Traceback" not in "".join(said)
    assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []
