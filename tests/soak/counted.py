"""`cmo-edge run` that counts its tasks when it gets SIGUSR1: `python -m tests.soak.counted FILE CONFIG`.

Nothing else differs from the command. The file gets a JSON object: how many tasks run each coroutine.
"""

import asyncio
import gc
import json
import signal
import sys
from collections import Counter
from pathlib import Path

from edge.cli import main


def count(file: Path) -> None:
    """In the thread of the event loop, which runs. What is only kept alive by a cycle is no leak."""
    gc.collect()
    counted = Counter(getattr(task.get_coro(), "__qualname__", "?") for task in asyncio.all_tasks())
    part = file.with_suffix(".part")
    part.write_text(json.dumps(counted))
    part.rename(file)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    signal.signal(signal.SIGUSR1, lambda *_: count(target))
    sys.argv = ["cmo-edge", "run", sys.argv[2]]
    main()
