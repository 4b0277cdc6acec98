"""`cmo-gateway export` and `cmo-gateway verify-bundle`, as a person calls them."""

import asyncio
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from gateway.bundle.contents import CHECKPOINT, MANIFEST, README, entry_path
from gateway.bundle.directory import write_bundle
from gateway.link.sealer import Sealer
from gateway.proof import keys
from tests.gateway.bundle.bundles import bundle
from tests.gateway.link.test_link import Sender, offer_frames
from tests.gateway.test_verify import key
from tests.support.eventually import eventually

SITE = Path(__file__).parents[3] / "simulators" / "line-3" / "site.yaml"
NAME = "cmo-a.line-3.holder-b.measurements.v1"


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).with_name("cmo-gateway"))
    return subprocess.run(
        [program, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )  # fmt: skip


def configured(folder: Path, bootstrap: str = "127.0.0.1:1", recipient: str = "holder-b") -> None:
    node = {
        "name": recipient, "cmo": "cmo-a", "trust": ["sender.vkey"], "site": str(SITE), "archive": "a.duckdb",
        "kafka": {"bootstrap": bootstrap, "security": "plaintext"},
    }  # fmt: skip
    (folder / "holder.yaml").write_text(yaml.safe_dump(node))


def test_a_bundle_is_checked_offline(tmp_path: Path) -> None:
    """Exit code 0 while all holds; 1 with one line that names the altered file; 2 without trust."""
    own = key()
    keys.save_public(own, tmp_path / "sender.vkey")
    write_bundle(bundle(tmp_path, own), tmp_path / "out", lambda _: None)
    done = call(tmp_path, "verify-bundle", "out", "--trust", "sender.vkey")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"out: {NAME}: entries 1 to 22 of 22, proven by the seal of 2023-11-14")
    assert call(tmp_path, "verify-bundle", "out").returncode == 2
    assert call(tmp_path, "verify-bundle", "nowhere", "--trust", "sender.vkey").returncode == 2
    for path in (README, MANIFEST, CHECKPOINT, entry_path(9)):
        file = tmp_path / "out" / path
        octets = file.read_bytes()
        file.write_bytes(octets[:-2] + bytes([octets[-2] ^ 1]) + octets[-1:])
        done = call(tmp_path, "verify-bundle", "out", "--trust", "sender.vkey")
        assert done.returncode == 1
        assert [line.partition(":")[0] for line in done.stdout.splitlines()] == [path]
        file.write_bytes(octets)


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (["--stream", "line-3"], 2, "is no stream from cmo-a to holder-b"),
        (["--stream", "cmo-x.line-3.holder-b.measurements.v1"], 2, "is no stream from cmo-a to holder-b"),
        (["--stream", NAME, "--number", "3", "--from", "2"], 2, "leave --from and --to out"),
        (["--stream", NAME, "--from", "3", "--to", "2"], 2, "exchange them"),
        (["--stream", NAME], 1, "kafka at 127.0.0.1:1"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_line(tmp_path: Path, arguments: list[str], code: int, why: str) -> None:
    """And nothing is written."""
    configured(tmp_path)
    keys.save_public(key(), tmp_path / "sender.vkey")
    done = call(tmp_path, "export", "holder.yaml", "--out", "out", "--trust", "sender.vkey", *arguments)
    assert done.returncode == code
    assert why in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.kafka
async def test_what_is_exported_from_live_topics_is_proven_offline(kafka: str, tmp_path: Path) -> None:
    """The whole stream, and a few numbers of it; what is not sealed is refused."""
    recipient, own = f"holder-{uuid4().hex[:8]}", key()
    keys.save_public(own, tmp_path / "sender.vkey")
    configured(tmp_path, kafka, recipient)
    name = f"cmo-a.line-3.{recipient}.measurements.v1"
    sender = Sender(kafka, recipient, tmp_path / "j.db")
    sealer = Sealer(sender.journal, own, sender.publisher._streams, sender.publisher.offer_seal, interval=1)
    running = [asyncio.create_task(work) for work in (sender.run(), sealer.run())]

    async def export(out: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        fixed = ("export", "holder.yaml", "--stream", name, "--trust", "sender.vkey", "--out", out)
        return await asyncio.to_thread(call, tmp_path, *fixed, *arguments)

    try:
        offer_frames(sender, range(100))
        await asyncio.wait_for(sender.publisher.drained(), 30)

        async def sealed() -> bool:
            return (await export("few", "--number", "50", "--number", "102")).returncode == 0

        await eventually(sealed, within=60, every=1)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    done = await export("all")
    assert done.returncode == 0, done.stderr
    assert f"all: {name}: entries 1 to 102 of 102, proven by" in done.stdout
    assert done.stdout.endswith("its manifest is not signed\n")
    for out, proven in (("all", "entries 1 to 102 of 102"), ("few", "entries 1 to 2, 50, 102 of 102")):
        checked = call(tmp_path, "verify-bundle", out, "--trust", "sender.vkey")
        assert checked.returncode == 0, checked.stdout
        assert f"{name}: {proven}, proven by" in checked.stdout
    again = await export("all")
    assert (again.returncode, again.stderr) == (1, "cmo-gateway: all: is not empty; name a new folder\n")
    beyond = await export("beyond", "--to", "103")
    assert beyond.returncode == 1
    assert "number 103 is not proven; the newest seal that holds counts 102 entries" in beyond.stderr
