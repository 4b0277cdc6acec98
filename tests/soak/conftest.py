"""What the long tests found, in one line at the end."""

from collections.abc import Callable

import pytest

from tests.support.judge import Verdict

VERDICTS = pytest.StashKey[list[tuple[str, Verdict]]]()

Tell = Callable[[str, Verdict], None]


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Keeps a verdict for the end."""
    verdicts = request.config.stash.setdefault(VERDICTS, [])
    return lambda what, verdict: verdicts.append((what, verdict))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Each verdict, then their sum."""
    verdicts = config.stash.get(VERDICTS, [])
    for what, verdict in verdicts:
        terminalreporter.write_line(f"{what}: {verdict}")
    if verdicts:
        sums = (sum(len(getattr(v, name)) for _, v in verdicts) for name in ("lost", "duplicated", "undetected"))
        terminalreporter.write_line("lost {}, duplicated {}, undetected {}".format(*sums))
