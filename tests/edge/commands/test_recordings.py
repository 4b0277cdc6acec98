"""`cmo-edge record` and `replay`, with real devices in between."""

import asyncio
import signal
from pathlib import Path
from typing import Any

from asyncua import ua

from edge.recording.record import load_recording
from simulators.devices.transmitter import ModbusTransmitter
from tests.adapters.opcua.plant import running
from tests.adapters.serial.balance import Balance
from tests.adapters.support import free_port
from tests.edge.commands.command import command, configure, ended, started
from tests.edge.commands.test_check import transmitter


async def played(folder: Path, *arguments: object) -> tuple[asyncio.subprocess.Process, str]:
    """A replay that runs, and its address."""
    process = await started(folder, "replay", "r.jsonl", *arguments)
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 60)
    return process, line.decode().strip().rpartition(" ")[2]


async def stopped(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGINT)
    assert (await ended(process)).code == 0


async def test_a_modbus_device_is_recorded_and_played_again(tmp_path: Path) -> None:
    """The values that come of the replay are those of the device, which is gone."""
    device = ModbusTransmitter()
    await device.start()
    await device.update({"differential": 14.0, "temperature": 20.0, "humidity": 45.0})
    try:
        configure(tmp_path, transmitter(device.address, {"name": "DP", "address": 4}))
        recorded = await command(tmp_path, "record", "edge.yaml", "transmitter", "--out", "r.jsonl", "--seconds", 3)
        again = await command(tmp_path, "record", "edge.yaml", "transmitter", "--out", "r.jsonl", "--seconds", 1)
    finally:
        await device.stop()
    assert (recorded.code, again.code) == (0, 2), (recorded, again)
    events = load_recording(tmp_path / "r.jsonl").events
    assert {"opened", "asked", "said", "closed"} == {event.what for event in events}
    process, address = await played(tmp_path)
    try:
        configure(tmp_path, transmitter(address, {"name": "DP", "address": 4}))
        read = await command(tmp_path, "check", "edge.yaml", "--connect", "--seconds", 30)
        assert "DP\t14 Pa\tGood" in read.out
    finally:
        await stopped(process)


async def test_a_balance_is_recorded_and_played_again(tmp_path: Path) -> None:
    """Through a pseudo-terminal in between; and at one."""
    balance = Balance(tmp_path / "scale")
    balance.plug_in()
    source: dict[str, Any] = {
        "type": "mt-sics", "name": "scale", "port": str(balance.link), "poll_interval": 0.2, "silence": 3.0,
        "tag": {"name": "W", "unit": "g"},
    }  # fmt: skip
    try:
        configure(tmp_path, source)
        recorded = await command(tmp_path, "record", "edge.yaml", "scale", "--out", "r.jsonl", "--seconds", 3)
    finally:
        balance.pull_out()
    assert recorded.code == 0, recorded
    assert any(b"S S     100.00 g" in event.octets for event in load_recording(tmp_path / "r.jsonl").events)
    process, address = await played(tmp_path, "--link", "again")
    try:
        assert address == "again"
        configure(tmp_path, source | {"port": str(tmp_path / "again")})
        read = await command(tmp_path, "check", "edge.yaml", "--connect", "--seconds", 30)
        assert "W\t100 g\tGood" in read.out, read
    finally:
        await stopped(process)
    assert not (tmp_path / "again").is_symlink()


async def test_a_device_that_says_nothing_is_no_recording(tmp_path: Path) -> None:
    """Exit 1; the file shows what was tried."""
    configure(tmp_path, transmitter("127.0.0.1:1", {"name": "DP", "address": 4}))
    done = await command(tmp_path, "record", "edge.yaml", "transmitter", "--out", "r.jsonl", "--seconds", 1)
    assert (done.code, "said nothing" in done.err) == (1, True)
    assert any(event.what == "opened" for event in load_recording(tmp_path / "r.jsonl").events)


async def test_of_opc_ua_the_frames_are_shown(tmp_path: Path) -> None:
    """Messages carry numbers and times that never repeat; so they are not played."""
    async with running(free_port()) as plant:
        await plant.add("DP", 12.5, ua.VariantType.Double)
        tags = [{"name": "Time", "node": "i=2258"}]
        configure(
            tmp_path,
            {
                "type": "opcua",
                "name": "ems",
                "endpoint": plant.endpoint,
                "security": "none",
                "timeout": 20,
                "tags": tags,
            },
        )
        recorded = await command(tmp_path, "record", "edge.yaml", "ems", "--out", "r.jsonl", "--seconds", 5)
    assert recorded.code == 0, recorded
    shown = await command(tmp_path, "replay", "r.jsonl")
    kinds = [line.split()[3] for line in shown.out.splitlines() if len(line.split()) > 3]
    assert kinds[:2] == ["HELF", "ACKF"]
    assert {"OPNF", "MSGF"} <= set(kinds)
    assert "request" in shown.out
