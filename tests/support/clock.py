"""Another time of day for one process: Debian's libfaketime, so that the host's clock stays."""

from pathlib import Path

import pytest

LIBRARIES = tuple(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


class Clock:
    """The wall clock of a process that is started with `environment`; its monotonic clock goes on undisturbed."""

    def __init__(self, folder: Path) -> None:
        if not LIBRARIES:
            message = "libfaketime is missing: sudo apt-get install libfaketime"
            raise pytest.fail.Exception(message, pytrace=False)
        self._file = folder / "faketime"
        self.step_to(0)

    @property
    def environment(self) -> dict[str, str]:
        """Variables for the process."""
        return {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "0",  # s; with NO_CACHE threads that read at once see offset 0 now and then
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # else waits for a lock stand still for as long as the clock stepped
        }

    def step_to(self, seconds: int) -> None:
        """Let the process' clock be so far ahead of the host's, within a second; behind it when negative."""
        part = self._file.with_suffix(".part")
        part.write_text(f"{seconds:+d}")
        part.rename(self._file)
