"""Finds what runs Apache Kafka (a Java runtime) and what fetches it (Maven)."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from simulators.broker.errors import BrokerError

OLDEST_JAVA = 17
"""Kafka 4 servers need Java 17 (Kafka 4.0 upgrade notes)."""

_VERSION = re.compile(r'version "(?:1\.)?(\d+)')
_INSTALL_JAVA = "sudo apt-get install openjdk-17-jre-headless (or newer)"


def java_version(banner: str) -> int | None:
    """Major version in the text of `java -version`: 17 for `17.0.15`, 8 for `1.8.0_392`; None where there is none."""
    match = _VERSION.search(banner)
    return int(match[1]) if match else None


def find_java(environ: Mapping[str, str] = os.environ) -> Path:
    """The first Java of at least `OLDEST_JAVA` at `JAVA_HOME`, then on `PATH`.

    Raises BrokerError, naming what was found instead.
    """
    seen = []
    for path in _candidates(environ):
        version = java_version(_banner(path))
        if version is not None and version >= OLDEST_JAVA:
            return path
        seen.append(f"{path} is {f'version {version}' if version else 'not working'}")
    found = "; ".join(seen) or "none found at JAVA_HOME or on PATH"
    raise BrokerError(f"Apache Kafka needs Java {OLDEST_JAVA} or newer ({found}): {_INSTALL_JAVA}")


def find_maven(environ: Mapping[str, str] = os.environ) -> Path:
    """`mvn` on `PATH`. Raises BrokerError where there is none."""
    path = shutil.which("mvn", path=environ.get("PATH", ""))
    if path is None:
        raise BrokerError("Maven is needed once to fetch Apache Kafka (no mvn on PATH): sudo apt-get install maven")
    return Path(path)


def _candidates(environ: Mapping[str, str]) -> list[Path]:
    home = environ.get("JAVA_HOME")
    at_home = shutil.which("java", path=f"{home}/bin") if home else None
    on_path = (shutil.which("java", path=folder) for folder in environ.get("PATH", "").split(os.pathsep) if folder)
    return list(dict.fromkeys(Path(found) for found in (at_home, *on_path) if found))


def _banner(java: Path) -> str:
    """What `java -version` says; empty where it cannot be run (a wrong architecture, a shim without a target)."""
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stderr + done.stdout
