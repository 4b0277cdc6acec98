"""What the long tests found, in one line at the end."""

import random
import sys
from collections.abc import Callable

import pytest

from tests.support.judge import Verdict

VERDICTS = pytest.StashKey[list[tuple[str, Verdict]]]()
TOLD = pytest.StashKey[list[str]]()
FUZZED = pytest.StashKey[list[tuple[int, float]]]()

Tell = Callable[[str, Verdict], None]


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Keeps a verdict for the end."""
    verdicts = request.config.stash.setdefault(VERDICTS, [])
    return lambda what, verdict: verdicts.append((what, verdict))


@pytest.fixture
def told(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Keeps a line for the end."""
    return request.config.stash.setdefault(TOLD, []).append


@pytest.fixture
def fuzzed(request: pytest.FixtureRequest) -> Callable[[int, float], None]:
    """Counts the cases of one parser and the seconds that they took."""
    counted = request.config.stash.setdefault(FUZZED, [])
    return lambda cases, seconds: counted.append((cases, seconds))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Of whatever is left to chance: printed, so that a failure can be run again."""
    given = request.config.getoption("--seed")
    chosen = random.randrange(2**32) if given is None else int(given)
    sys.stderr.write(f"\n{request.node.name}: --seed {chosen}\n")
    return chosen


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What was told, each verdict, then their sum."""
    for line in config.stash.get(TOLD, []):
        terminalreporter.write_line(line)
    if counted := config.stash.get(FUZZED, []):
        cases, seconds = map(sum, zip(*counted, strict=True))
        terminalreporter.write_line(f"fuzz: {cases:,} cases, {len(counted)} parsers, {seconds:.0f} s")
    verdicts = config.stash.get(VERDICTS, [])
    for what, verdict in verdicts:
        terminalreporter.write_line(f"{what}: {verdict}")
    if verdicts:
        sums = (sum(len(getattr(v, name)) for _, v in verdicts) for name in ("lost", "duplicated", "undetected"))
        terminalreporter.write_line("lost {}, duplicated {}, undetected {}".format(*sums))
