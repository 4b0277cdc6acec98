"""A disk that is full, and freed again: a real small file system, in a mount namespace that ends with the process."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.journal.committer import ON_RESERVE

ROOT = Path(__file__).parents[3]


def in_small_file_system(folder: Path, mib: int, module: str) -> Any:
    """What a module prints that is run in a file system of that size; skips where nobody may mount one."""
    alone = ["unshare", "-m" if os.geteuid() == 0 else "-Urm", "sh", "-c"]
    mount = f"mount -t tmpfs -o size={mib}m none {shlex.quote(str(folder))}"
    if subprocess.run([*alone, mount], capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    command = shlex.join([sys.executable, "-m", module, str(folder)])
    done = subprocess.run(
        [*alone, f"{mount} && exec {command}"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_full_disk_is_said_waited_out_and_costs_nothing(tmp_path: Path) -> None:
    """Gaps are written from the reserve while measurements wait; what was acknowledged survives; then all goes on.

    An agent that starts on a full disk can still write gaps.
    """
    told = in_small_file_system(tmp_path, 50, "tests.gateway.journal.on_full_disk")
    assert (told["full"], told["reserve"]) == (ON_RESERVE, False)
    assert told["gaps"] > 10
    assert told["gaps_written"] == told["gaps"]
    assert told["used_up"]
    assert told["still"] == told["before"] == told["frames_written"]
    assert told["again"]
    assert told["damage"] is None
    assert told["kept_frames"] == list(range(1, told["frames"] + 1))
    assert told["kept_gaps"] == list(range(1, told["gaps"] + 2))
    assert told["numbers"] == list(range(1, told["frames"] + 3))
    assert told["opened"]
