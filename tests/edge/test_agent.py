"""The agent as a whole, with Kafka away: it starts, reads and alarms; what it says waits."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import yaml

from edge.agent import Agent
from edge.control import ask
from edge.route import Route
from edge.settings import load
from edge.telling import uplink_lines
from gateway.link.publisher import streams_of
from gateway.proof import keys
from schemas.catalogue import KINDS, schema
from schemas.codec import decode
from schemas.records import AlarmState, Gap, GapCause
from simulators.devices.transmitter import ModbusTransmitter
from simulators.ports import free_port
from tests.edge.stopping import stopped
from tests.gateway.messages import frame
from tests.support.certificates import DAY, Authority
from tests.support.eventually import eventually

SITE = {
    "site": "plant-a", "name": {"en": "Plant A", "zh": "甲工厂"}, "line": "line-3", "zone": "Asia/Shanghai",
    "rooms": [
        {"id": "M1", "name": {"en": "Air lock", "zh": "气锁间"}, "grade": "C", "at": [0, 0, 1, 1]},
        {"id": "C1", "name": {"en": "Corridor", "zh": "走廊"}, "grade": "D", "at": [1, 0, 1, 1]},
    ],
    "differentials": [{"tag": "M1.DP.C1", "room": "M1", "against": "C1", "limit": {"low": 10, "on_delay": 0.5}}],
}  # fmt: skip


def agent(folder: Path, device: str, kafka_port: int) -> Agent:
    host, port = device.split(":")
    tag = {"name": "M1.DP.C1", "unit": "Pa", "address": 4, "type": "float32", "word_order": "little"}
    source = {"type": "modbus", "name": "transmitter", "host": host, "port": int(port), "poll_interval": 0.1}
    config = {
        "cmo": "cmo-a", "sender": "line-3", "recipients": ["holder-b"], "site": "site.yaml", "control_socket": "a.sock",
        "journal": "journal.db", "key": "line-3.key", "trust": ["holder-b.vkey"],
        "kafka": {"bootstrap": f"127.0.0.1:{kafka_port}", "security": "plaintext"},
        "sources": [{**source, "proof": "none-available", "tags": [tag]}],
    }  # fmt: skip
    if not (folder / "line-3.key").exists():
        keys.save(keys.generate("cmo-a", keys.Role.SENDER, "line-3"), folder / "line-3.key")
        keys.save_public(keys.generate("holder-b", keys.Role.NODE, "main"), folder / "holder-b.vkey")
    (folder / "site.yaml").write_text(yaml.safe_dump(SITE, allow_unicode=True))
    (folder / "edge.yaml").write_text(yaml.safe_dump(config))
    return Agent(load(folder / "edge.yaml"))


async def test_alarms_stand_at_the_line_with_kafka_away(tmp_path: Path) -> None:
    """Raised, shown and acknowledged over the socket; records wait for the uplink."""
    device = ModbusTransmitter()
    await device.start()
    await device.update({"differential": 14.0, "temperature": 20.0, "humidity": 45.0})
    running = asyncio.create_task(agent(tmp_path, device.address, free_port()).run())
    socket = tmp_path / "a.sock"

    async def asked(do: str, **arguments: Any) -> Any:
        return await asyncio.to_thread(lambda: ask(socket, do, **arguments))

    try:
        await eventually(socket.exists, within=60)
        await device.update({"differential": 3.0, "temperature": 20.0, "humidity": 45.0})
        alarms: list[Any] = await eventually(lambda: asked("alarms"), within=60, what="the alarm at the line")
        (alarm,) = alarms
        assert (alarm["condition"], alarm["state"], alarm["room"]) == ("M1.DP.C1.LOW", "UNACKNOWLEDGED", "M1")
        step = await asked("acknowledge", condition="M1.DP.C1.LOW", actor="op", comment="door")
        assert step["state"] == AlarmState.ACKNOWLEDGED
        status = await asked("status")
        assert status["recipients"]["holder-b"]["connected"] is False
        assert status["waiting"] > 2
        assert status["sources"][0]["connected"] is True
    finally:
        await stopped(running)
        await device.stop()
    assert not socket.exists()


async def test_a_damaged_journal_is_a_gap_an_alarm_and_no_reason_to_stop(tmp_path: Path) -> None:
    """What it was is in the gap, once; the alarm stands at the line; the status says it."""
    first = agent(tmp_path, "127.0.0.1:1", 1)
    route = Route(streams_of("cmo-a", "line-3", ["holder-b"]))
    first.journal.append(list(route(frame({"dp": 1.0}, received=5))))
    first.journal.close()
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db:
        db.execute("DELETE FROM entries WHERE number = 3")
        db.commit()
    again = agent(tmp_path, "127.0.0.1:1", free_port())
    running = asyncio.create_task(again.run())
    try:
        await eventually(lambda: again.journal.damage is None, within=60, what="the gap to be told")
        (alarm,) = await eventually(again.answers.open_alarms, within=60)
        assert alarm["condition"] == "line-3.JournalDamaged.HIGH"
        stream = "cmo-a.line-3.holder-b.gaps.v1"
        published = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
        told = [decode(e.octets or b"", published) for e in again.journal.entries(stream, 0, 50) if e.kind == "Gap"]
        (gap,) = [gap for gap in told if isinstance(gap, Gap) and gap.cause is GapCause.JOURNAL_DAMAGED]
        assert (gap.source, gap.lost, gap.ended is not None) == ("line-3", 1, True)
        assert "journal.db.damaged-" in gap.detail
        assert any(
            line.startswith("journal was damaged") for line in uplink_lines(again.answers.status(), "Asia/Shanghai")
        )
    finally:
        await stopped(running)
    assert "damaged" not in str(agent(tmp_path, "127.0.0.1:1", 1).journal.damage)


async def test_a_certificate_that_ends_soon_is_an_alert_and_stands_in_the_status(tmp_path: Path) -> None:
    """Whichever of the files that the settings name, here the authority of a recipient's own Kafka."""
    agent(tmp_path, "127.0.0.1:1", 1).journal.close()
    Authority("plant").issue("kafka", valid=9 * DAY).save(tmp_path, "soon")
    config = yaml.safe_load((tmp_path / "edge.yaml").read_text())
    own = {**config["kafka"], "ca_file": str(tmp_path / "soon.pem")}
    (tmp_path / "edge.yaml").write_text(yaml.safe_dump({**config, "clusters": {"holder-b": own}}))
    one = Agent(load(tmp_path / "edge.yaml"))
    running = asyncio.create_task(one.run())
    try:
        (alarm,) = await eventually(one.answers.open_alarms, within=60)
        assert (alarm["condition"], alarm["priority"]) == ("line-3.CertificatesExpiring.HIGH", "ALERT")
        lines = uplink_lines(one.answers.status(), "Asia/Shanghai")
        assert [line for line in lines if line.startswith(f"certificate {tmp_path / 'soon.pem'} of CN=kafka: expires")]
    finally:
        await stopped(running)


def test_an_agent_without_its_key_says_how_to_make_one(tmp_path: Path) -> None:
    """One line that names the file; the command makes it, once, for its user alone."""
    agent(tmp_path, "127.0.0.1:1", 1).journal.close()
    (tmp_path / "line-3.key").unlink()
    program = Path(sys.executable).with_name("cmo-edge")

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )

    without = command("run", "edge.yaml")
    assert (without.returncode, "Traceback" in without.stderr) == (1, False)
    assert "line-3.key" in without.stderr
    made = command("keygen", "edge.yaml")
    assert made.returncode == 0
    assert "compare on paper" in made.stdout
    assert (tmp_path / "line-3.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "line-3.vkey").exists()
    again = command("keygen", "edge.yaml")
    assert (again.returncode, "Traceback" in again.stderr) == (1, False)
