"""What tests take from npm: fetched once into the cache by pinned versions and hashes, never kept in the repository."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from simulators.broker.jars import cache_directory, locked, say


def installed(name: str, folder: Path) -> Path:
    """Where the packages of the folder's `package-lock.json` are; installs them once.

    Skips the test where Node.js or npm is missing, except in CI, where it fails.
    """
    missing = [command for command in ("node", "npm") if shutil.which(command) is None]
    if missing:
        problem = f"{name} needs {' and '.join(missing)} on the PATH"
        if os.environ.get("CI"):
            pytest.fail(problem, pytrace=False)
        pytest.skip(problem)
    pinned = (folder / "package.json", folder / "package-lock.json")
    pins = hashlib.sha256(b"".join(file.read_bytes() for file in pinned)).hexdigest()[:8]
    home = cache_directory() / f"{name}-{pins}"
    home.parent.mkdir(exist_ok=True)
    with locked(home.with_suffix(".lock"), say):
        if not home.is_dir():
            part = home.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            install(pinned, part)
            part.rename(home)
    return home


def install(pinned: tuple[Path, ...], home: Path) -> None:
    """Nothing of it runs while it is installed; npm compares every package with the hash in our list."""
    for file in pinned:
        shutil.copy(file, home)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
