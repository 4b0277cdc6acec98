"""`cmo-edge` without the seconds in which it loads: a process that has loaded all of it forks for each call.

What is called is a process of its own, with folder, environment, output and exit code. That the program starts from a
shell, and loads what its command needs, is shown by the tests that start it so.

Run as `python -m tests.support.ready SOCKET` it is that process, until its standard input ends.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from functools import cache
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, NoReturn

from adapters.registry import adapter, adapter_names
from edge.cli import COMMANDS, main
from gateway.program import found_at

ROOT = Path(__file__).parents[2]


def call(folder: Path, *arguments: object, within: float = 60) -> subprocess.CompletedProcess[str]:
    """Run `cmo-edge` in the folder. After `within` seconds it is killed, and that is an error."""
    with TemporaryDirectory() as place, socket.socket(socket.AF_UNIX) as server:
        server.settimeout(within)
        server.connect(_address())
        lines = server.makefile("rw")
        request = {"folder": str(folder), "arguments": [*map(str, arguments)], "environment": dict(os.environ)}
        print(json.dumps(request | {"place": place}), file=lines, flush=True)
        pid = int(lines.readline())
        try:
            code = int(lines.readline())
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise
        out, err = (Path(place, name).read_text(encoding="utf-8") for name in ("out", "err"))
    return subprocess.CompletedProcess(["cmo-edge", *request["arguments"]], code, out, err)


@cache
def _address() -> str:
    """Of the process that stands ready: one for all tests of this one."""
    address = str(Path(mkdtemp(prefix="cmo-")) / "ready")
    command = [sys.executable, "-m", "tests.support.ready", address]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    atexit.register(process.communicate)
    return address


def serve(address: str) -> None:
    """Fork for each caller."""
    for place, _ in COMMANDS.values():
        found_at(f"edge.commands.{place}")
    for name in adapter_names():
        adapter(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)  # noqa: T201 - whoever started it waits for that
        while listener in select([listener, sys.stdin], [], [])[0]:
            caller, _ = listener.accept()
            if not os.fork():
                _attend(caller)
            caller.close()


def _attend(caller: socket.socket) -> NoReturn:
    """Tell the caller the command's process id, and then how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    lines = caller.makefile("rw")
    request = json.loads(lines.readline())
    pid = os.fork()
    if not pid:
        _become(request)
    print(pid, file=lines, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), file=lines, flush=True)
    os._exit(0)


def _become(request: dict[str, Any]) -> NoReturn:
    """The program, as Python would run it."""
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(Path(request["place"], name), os.O_WRONLY | os.O_CREAT), number)
    sys.argv = ["cmo-edge", *request["arguments"]]
    code: object = 1
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 - as the interpreter does at its end
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(code) if isinstance(code, int) else 0)


if __name__ == "__main__":
    serve(sys.argv[1])
