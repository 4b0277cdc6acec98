"""Any octets, registers and values into every parser: no exception, and nothing Good that is not wholly right."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.soak.parsers import PARSERS, Parser

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_nothing_is_good_without_a_whole_match(parser: Parser, seed: int, fuzzed: Callable[[int, float], None]) -> None:
    """Whatever comes in, and nothing raises."""
    tried, begin = 0, time.monotonic()

    @hypothesis.seed(seed)
    @settings(
        max_examples=parser.examples, deadline=None, database=None, phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(parser.batches)
    def some(batch: Sequence[Any]) -> None:
        nonlocal tried
        for case in batch:
            tried += 1
            parser.holds(case)

    some()
    fuzzed(tried, time.monotonic() - begin)
    assert tried >= parser.count


def test_there_are_a_hundred_thousand_cases() -> None:
    """Together."""
    assert sum(parser.count for parser in PARSERS) >= 100_000
