"""What a commit promised outlives a kill: a receipt may be given."""

import subprocess
import sys
from pathlib import Path

from gateway.archive.archive import Archive

WRITER = """
import sys
from itertools import count
from pathlib import Path
from tests.gateway.holder import Holder, Sent

sent, holder = Sent(2000), Holder(Path(sys.argv[1]))
for begin in count(0, 20):
    holder.take(sent.messages[begin : begin + 20], [sent.seal(begin + 20, holder.moment())])
    print(holder.confirmed(), flush=True)
"""
ROOT = Path(__file__).parents[3]


def test_what_was_confirmed_is_there_after_a_kill(tmp_path: Path) -> None:
    """A writer is killed in the middle of its work; every entry that it confirmed is read back, once."""
    file = tmp_path / "a.duckdb"
    command = [sys.executable, "-c", WRITER, str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        confirmed = [int(writer.stdout.readline()) for _ in range(7)]
        writer.kill()
        confirmed += [int(line) for line in writer.stdout.read().split()]
    archive = Archive(file)
    numbers = [number for (number,) in archive.rows("SELECT number FROM entries ORDER BY number")]
    assert len(numbers) >= max(confirmed) >= 140
    assert numbers == list(range(1, len(numbers) + 1))
    assert archive.counts()["samples"] == len(numbers)
    assert [standing.confirmed for standing in archive.standings().values()] == [len(numbers)]
    archive.close()
