"""Modbus servers of other people as processes: one line `ready` on standard output, the end with standard input."""

import hashlib
import os
import pty
import shutil
import subprocess
import sys
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.modbus.settings import ModbusSettings
from adapters.modbus.source import ModbusSource
from simulators.broker.jars import cache_directory, locked, say
from tests.adapters.support import reading

HERE = Path(__file__).parent
UNIT = 17
FLOAT = {"type": "float32", "word_order": "big"}
TAGS: tuple[dict[str, Any], ...] = (
    {"name": "int16", "address": 0, "type": "int16"},
    {"name": "big", "address": 1, **FLOAT},
    {"name": "little", "address": 3, **FLOAT, "word_order": "little"},
    {"name": "input", "table": "input", "address": 0, "type": "uint16"},
    {"name": "coil", "table": "coil", "address": 3, "type": "bool"},
    {"name": "off", "table": "coil", "address": 4, "type": "bool"},
    {"name": "discrete", "table": "discrete", "address": 5, "type": "bool"},
    {"name": "nowhere", "address": 40_000, "type": "int16"},
)
PROOF = [{"address": 1, **FLOAT, "value": -123.45}, {"address": 3, **FLOAT, "word_order": "little", "value": -123.45}]


def missing(text: str) -> None:
    """Fail where everything has to be there (CI is set), skip elsewhere; either way say what is missing."""
    if os.environ.get("CI"):
        pytest.fail(text, pytrace=False)
    pytest.skip(text)


def libmodbus_server(tmp_path: Path) -> Path:
    """The C server, compiled."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        missing("a C compiler is missing: sudo apt-get install gcc libc6-dev")
    target = tmp_path / "server"
    source = HERE / "libmodbus" / "server.c"
    made = subprocess.run(
        [str(compiler), "-Wall", "-Wextra", str(source), "-o", str(target), "-lmodbus"],
        capture_output=True,
        text=True,
        check=False,
    )
    if "modbus/modbus.h" in made.stderr:
        missing("libmodbus is missing: sudo apt-get install libmodbus-dev")
    assert made.returncode == 0, made.stderr
    return target


def j2mod_command() -> list[str]:
    """Java with the j2mod server; the jars are fetched once with Maven, whose checksums it verifies."""
    java, maven = shutil.which("java"), shutil.which("mvn")
    if java is None or maven is None:
        missing("Java or Maven is missing: sudo apt-get install openjdk-17-jdk-headless maven")
    pom = HERE / "j2mod" / "pom.xml"
    libs = cache_directory() / f"j2mod-{hashlib.sha256(pom.read_bytes()).hexdigest()[:8]}"
    libs.parent.mkdir(parents=True, exist_ok=True)
    with locked(libs.with_suffix(".lock"), say):
        if not libs.is_dir():
            _fetch(str(maven), pom, libs)
    return [str(java), "-Xmx64m", "-cp", f"{libs}/*", str(HERE / "j2mod" / "Server.java")]


def _fetch(maven: str, pom: Path, libs: Path) -> None:
    part = libs.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    options = ["-B", "-q", "--strict-checksums", "-f", str(pom), "dependency:copy-dependencies"]
    fetched = subprocess.run(
        [maven, *options, f"-DoutputDirectory={part}"], capture_output=True, text=True, check=False
    )
    if fetched.returncode:
        missing(f"Maven could not fetch j2mod: {fetched.stdout[-500:]}")
    part.rename(libs)


@contextmanager
def running(command: Sequence[str]) -> Iterator[None]:
    """The server, ready; ended by the end of its input."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield
    finally:
        process.communicate(timeout=60)


@contextmanager
def two_terminals() -> Iterator[tuple[str, str]]:
    """A null modem: what is written to one terminal is read from the other."""
    pairs = [pty.openpty(), pty.openpty()]
    for _, slave in pairs:
        tty.setraw(slave)
    (first, _), (second, _) = pairs
    pump = subprocess.Popen([sys.executable, "-c", _PUMP, str(first), str(second)], pass_fds=(first, second))
    try:
        yield os.ttyname(pairs[0][1]), os.ttyname(pairs[1][1])
    finally:
        pump.terminate()
        pump.wait(timeout=60)
        for master, slave in pairs:
            os.close(master)
            os.close(slave)


_PUMP = """
import os, select, sys
first, second = map(int, sys.argv[1:])
other = {first: second, second: first}
while True:
    for ready in select.select(list(other), [], [])[0]:
        os.write(other[ready], os.read(ready, 1024))
"""


async def check(**wiring: Any) -> None:
    """All four tables, both word orders proven, a missing register alone Bad."""
    given = {"type": "modbus", "name": "other", "unit": UNIT, "tags": TAGS, "proof": PROOF, "silence": 10, **wiring}
    async with reading(ModbusSource(ModbusSettings.model_validate(given))) as found:
        await found.value("int16", within=60)
    rows = {row.tag: row for row in found.frames[0].rows()}
    values = {name: row.value for name, row in rows.items()}
    assert values == {
        "int16": -10.0,
        "big": pytest.approx(-123.45, rel=1e-6),
        "little": pytest.approx(-123.45, rel=1e-6),
        "input": 4711.0,
        "coil": True,
        "off": False,
        "discrete": True,
        "nowhere": None,
    }
    assert [name for name, row in rows.items() if row.status != 0] == ["nowhere"]
    assert rows["nowhere"].reason.name == "CONFIG"
