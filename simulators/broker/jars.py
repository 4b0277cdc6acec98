"""Apache Kafka's jars: fetched once with Maven into the cache, checked against `jars.sha256`, never half there."""

import fcntl
import hashlib
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from simulators.broker.errors import BrokerError
from simulators.broker.java import find_maven

KAFKA_VERSION = "4.3.1"
POM = Path(__file__).with_name("pom.xml")
CHECKSUMS = Path(__file__).with_name("jars.sha256")

Say = Callable[[str], None]


def say(line: str) -> None:
    """Progress for the person at the terminal; standard output stays free for results."""
    typer.echo(line, err=True)


def cache_directory() -> Path:
    """`.cache` of the checkout; where the package is installed without one, `.cache` of the working directory."""
    checkout = Path(__file__).resolve().parents[2]
    return (checkout if (checkout / "pyproject.toml").exists() else Path.cwd()) / ".cache"


def jars_directory(cache: Path) -> Path:
    """Where the jars belong: named by version and contents, so that a changed list is fetched beside a running one."""
    contents = hashlib.sha256(CHECKSUMS.read_bytes()).hexdigest()[:8]
    return cache / f"kafka-{KAFKA_VERSION}-{contents}" / "libs"


def ensure_jars(cache: Path | None = None, *, tell: Say = say) -> Path:
    """The folder with Kafka's jars; fetches them first (55 MB) where they are missing.

    Safe to call from several processes at once: one fetches, the others wait for it.
    Raises BrokerError where Maven is missing, the network is away or a jar is not the one expected.
    """
    libs = jars_directory(cache or cache_directory())
    if libs.is_dir():
        return libs
    maven = find_maven()
    libs.parent.parent.mkdir(parents=True, exist_ok=True)
    with locked(_beside(libs.parent, "lock"), tell):
        if not libs.is_dir():
            _fetch(maven, libs.parent, tell)
    return libs


@contextmanager
def locked(path: Path, tell: Say) -> Iterator[None]:
    """Holds the lock file `path` exclusively; the kernel frees it also when the holder is killed."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell(f"Another process is fetching Apache Kafka; waiting for it ({path})")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def wrong_jars(libs: Path, checksums: str) -> list[str]:
    """Names of jars that are missing, unexpected or altered. `checksums` is in the format of sha256sum."""
    expected = {name: digest for digest, name in (line.split() for line in checksums.splitlines())}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in libs.glob("*")}
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def _fetch(maven: Path, home: Path, tell: Say) -> None:
    """Downloads beside `home` and renames at the end: what stands under the final name is whole."""
    part = _beside(home, "part")
    shutil.rmtree(part, ignore_errors=True)
    tell(f"Fetching Apache Kafka {KAFKA_VERSION} with Maven into {home} (55 MB, about a minute) ...")
    begun = time.monotonic()
    try:
        _run_maven(maven, part / "libs", _beside(home, "log"))
        if wrong := wrong_jars(part / "libs", CHECKSUMS.read_text()):
            raise BrokerError(f"{len(wrong)} of Kafka's jars are not those of {CHECKSUMS}, such as {wrong[0]}")
        part.rename(home)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    tell(f"Apache Kafka {KAFKA_VERSION} is there ({time.monotonic() - begun:.0f} s)")


def _beside(home: Path, suffix: str) -> Path:
    return home.with_name(f"{home.name}.{suffix}")


def _run_maven(maven: Path, target: Path, log: Path) -> None:
    options = ["-B", "-q", "--strict-checksums", "-Dstyle.color=never", "-f", str(POM)]
    command = [str(maven), *options, "dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    with log.open("w") as output:
        code = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    if code:
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("[ERROR]")]
        reason = lines[0].removeprefix("[ERROR] ") if lines else f"exit code {code}"
        raise BrokerError(f"Maven could not fetch Apache Kafka: {reason} (log: {log})")
