"""Commands as an engineer calls them, and a folder with a configuration that they can read."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gateway.proof import keys
from tests.support.ready import call

PROGRAM = Path(sys.executable).with_name("cmo-edge")
SITE = {
    "site": "plant-a", "name": {"en": "Plant A", "zh": "甲工厂"}, "line": "line-3", "zone": "Asia/Shanghai",
    "rooms": [{"id": "M1", "name": {"en": "Air lock", "zh": "气锁间"}, "grade": "C", "at": [0, 0, 1, 1]}],
    "differentials": [],
}  # fmt: skip


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    code: int
    out: str
    err: str


async def started(folder: Path, *arguments: object) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        PROGRAM, *map(str, arguments), cwd=folder, stdout=PIPE, stderr=PIPE, limit=2**22
    )


async def ended(process: asyncio.subprocess.Process, *, within: float = 60) -> Done:
    try:
        async with asyncio.timeout(within):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _shown(process.returncode or 0, out.decode(), err.decode())


async def command(folder: Path, *arguments: object, within: float = 60) -> Done:
    done = await asyncio.to_thread(call, folder, *arguments, within=within)
    return _shown(done.returncode, done.stdout, done.stderr)


def _shown(code: int, out: str, err: str) -> Done:
    """No command ever shows a traceback."""
    assert "Traceback" not in err, err
    return Done(code, out, err)


def configure(folder: Path, *sources: dict[str, Any], **more: Any) -> Path:
    """An agent's folder; the configuration in it."""
    config = {
        "cmo": "cmo-a", "sender": "line-3", "recipients": ["holder-b"], "site": "site.yaml", "control_socket": "a.sock",
        "journal": "journal.db", "key": "line-3.key", "trust": ["holder-b.vkey"],
        "kafka": {"bootstrap": "127.0.0.1:1", "security": "plaintext"}, "sources": list(sources),
    }  # fmt: skip
    if not (folder / "line-3.key").exists():
        keys.save(keys.generate("cmo-a", keys.Role.SENDER, "line-3"), folder / "line-3.key")
        keys.save_public(keys.generate("holder-b", keys.Role.NODE, "main"), folder / "holder-b.vkey")
    (folder / "site.yaml").write_text(yaml.safe_dump(SITE, allow_unicode=True), encoding="utf-8")
    file = folder / "edge.yaml"
    file.write_text(yaml.safe_dump(config | more, allow_unicode=True), encoding="utf-8")
    return file
