"""Where the time goes, by part."""

import cProfile
import select
from pathlib import Path

from gateway.proof.merkle import leaf_hash
from tests.bench.compare.profiled import parts


def test_what_functions_in_c_take_is_their_callers(tmp_path: Path) -> None:
    """Hashing is C, and belongs to the journal; waiting for a socket is nobody's work."""
    profile = cProfile.Profile()
    profile.runcall(lambda: [leaf_hash(bytes(1_000_000)) for _ in range(50)])
    profile.runcall(lambda: select.epoll().poll(0.2))
    profile.dump_stats(tmp_path / "a.pstats")
    found = parts(tmp_path / "a.pstats")
    assert next(iter(found)) == "journal: numbers, leaves, trees"
    assert found["journal: numbers, leaves, trees"] > 0.9 * sum(found.values())
