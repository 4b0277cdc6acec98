"""Load servers and Telegraf, built at first use into the cache. What cannot be built is said in one line."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from simulators.broker.jars import cache_directory, locked

HERE = Path(__file__).parent
TELEGRAF = "v1.37.2"
TAGS = "custom,inputs.opcua_listener,inputs.modbus,outputs.kafka,serializers.influx"

Say = Callable[[str], None]


class BuildError(Exception):
    """Why it cannot be built, and what to do; one line."""


def opcua_server(say: Say) -> Path:
    """The OPC UA server in Rust. Raises BuildError."""
    package = HERE / "opcua_load"

    def build(part: Path) -> None:
        cargo = _needed("cargo", "Rust's cargo is missing: sudo apt-get install cargo, or from rustup.rs")
        copy = _home("opcua-load-source")  # cargo writes its lock beside the manifest
        shutil.copytree(package, copy, dirs_exist_ok=True)
        _run([cargo, "build", "--release", "-q"], copy)
        shutil.copy2(copy / "target" / "release" / "opcua-load", part)

    sources = [package / "Cargo.toml", package / "src" / "main.rs"]

    return _built("opcua-load", sources, build, say, "some 3 minutes")


def modbus_server(say: Say) -> Path:
    """The Modbus server in C, on libmodbus. Raises BuildError."""
    source = HERE / "modbus_load" / "server.c"

    def build(part: Path) -> None:
        compiler = _needed("gcc", "a C compiler is missing: sudo apt-get install gcc libc6-dev")
        if not Path("/usr/include/modbus/modbus.h").exists():
            raise BuildError("libmodbus is missing: sudo apt-get install libmodbus-dev")
        _run([compiler, "-O2", "-o", str(part), str(source), "-lmodbus"], HERE)

    return _built("modbus-load", [source], build, say, "a moment")


def telegraf(say: Say) -> Path:
    """Telegraf with the parts that are needed, from its module. Raises BuildError."""

    def build(part: Path) -> None:
        go = _needed("go", "Go is missing: from go.dev/dl")
        module = f"github.com/influxdata/telegraf@{TELEGRAF}"
        told = json.loads(_run([go, "mod", "download", "-json", module], HERE.anchor))
        copy = _home("telegraf-source")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(told["Dir"], copy, copy_function=_copy_writable)
        _run([go, "build", "-buildvcs=false", "-tags", TAGS, "-o", str(part), "./cmd/telegraf"], copy)
        shutil.rmtree(copy)

    return _built(f"telegraf-{TELEGRAF}", [], build, say, "some 3 minutes")


def _copy_writable(source: str, target: str) -> None:
    """The Go cache is read-only; so are the folders that `copytree` makes after it, until they are told otherwise."""
    Path(target).parent.chmod(0o755)
    shutil.copyfile(source, target)


def _home(name: str) -> Path:
    home = cache_directory() / "bench-tools"
    home.mkdir(parents=True, exist_ok=True)
    return home / name


def _built(name: str, sources: Sequence[Path], build: Callable[[Path], None], say: Say, lasts: str) -> Path:
    """The program, named by what it is made of; built beside its name and renamed."""
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:8]
    program = _home(f"{name}-{digest}" if sources else name)
    with locked(program.with_suffix(".lock"), say):
        if not program.exists():
            say(f"Building {name} ({lasts}) ...")
            part = program.with_suffix(".part")
            build(part)
            part.rename(program)
    return program


def _needed(program: str, missing: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise BuildError(missing)
    return found


def _run(command: Sequence[str], folder: Path | str, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise BuildError(f"{' '.join(command[:2])} failed: {said[-1] if said else f'exit code {done.returncode}'}")
    return done.stdout
