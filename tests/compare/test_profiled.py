"""Where the time goes, by part."""

import cProfile
import time
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.codec import encode
from schemas.records import Gap, GapCause
from tests.bench.compare.profiled import parts


def test_what_functions_in_c_take_is_their_callers(tmp_path: Path) -> None:
    """Packing numbers is C, and belongs to encoding; waiting for a socket is nobody's work."""
    gap = Gap(gap=uuid4(), source="ems", tags=("a",) * 50, began=0, cause=GapCause.AGENT_STOPPED, detail="x" * 200)
    profile = cProfile.Profile()
    began = time.process_time()
    profile.runcall(lambda: [encode(gap) for _ in range(300)])
    spent = time.process_time() - began
    profile.dump_stats(tmp_path / "a.pstats")
    found = parts(tmp_path / "a.pstats")
    assert next(iter(found)) == "encoding"
    assert sum(found.values()) == pytest.approx(spent, rel=0.5)
