"""`cmo-edge check --connect`: what the devices say to the configuration."""

from pathlib import Path
from typing import Any

from asyncua import ua

from simulators.devices.transmitter import ModbusTransmitter
from tests.adapters.opcua.plant import NAMESPACE, running
from tests.adapters.support import free_port
from tests.edge.commands.command import command, configure


def transmitter(address: str, *tags: dict[str, Any]) -> dict[str, Any]:
    host, port = address.split(":")
    listed = [{"unit": "Pa", "type": "float32", "word_order": "little"} | tag for tag in tags]
    known = {"type": "modbus", "name": "transmitter", "host": host, "port": int(port), "proof": "none-available"}
    return known | {"poll_interval": 0.1, "tags": listed}


async def test_every_tag_of_every_source_is_told_with_its_first_value(tmp_path: Path) -> None:
    """Exit 0 only when each had a Good one; the others get a reason."""
    device = ModbusTransmitter()
    await device.start()
    await device.update({"differential": 14.0, "temperature": 20.0, "humidity": 45.0})
    try:
        configure(tmp_path, transmitter(device.address, {"name": "DP", "address": 4}))
        good = await command(tmp_path, "check", "edge.yaml", "--connect", "--seconds", 30)
        assert (good.code, "DP\t14 Pa\tGood" in good.out) == (0, True), good
        wide = {"name": "T", "address": 2, "unit": "Cel", "range": [50, 60]}
        dead = {
            "type": "opcua", "name": "ems", "endpoint": f"opc.tcp://127.0.0.1:{free_port()}/", "security": "none",
            "tags": [{"name": "X", "node": "i=2258"}],
        }  # fmt: skip
        configure(tmp_path, transmitter(device.address, {"name": "DP", "address": 4}, wide), dead)
        bad = await command(tmp_path, "check", "edge.yaml", "--connect", "--seconds", 3)
    finally:
        await device.stop()
    assert bad.code == 1
    assert "DP\t14 Pa\tGood" in bad.out
    assert "T\t–\tBadOutOfRange: it is outside the range that is configured" in bad.out
    assert "transmitter: answers, 1 of 2 tags" in bad.out
    assert "ems: does not answer, 0 of 1 tags" in bad.out
    assert "X\t–\tBadNoCommunication: it was not answered" in bad.out


async def test_a_node_that_is_not_there_and_a_unit_that_differs_are_told(tmp_path: Path) -> None:
    """F-A3: the server says Pa, the configuration hPa."""
    async with running(free_port()) as plant:
        node = await plant.add("DP", 12.5, ua.VariantType.Double)
        await node.add_property(
            ua.NodeId(ua.String("u"), ua.Int16(plant.namespace)), ua.QualifiedName(ua.String("EngineeringUnits")),
            ua.EUInformation(UnitId=ua.Int32(int.from_bytes(b"PAL", "big")), DisplayName=ua.LocalizedText("Pa")),
        )  # fmt: skip
        tags = [
            {"name": "DP", "node": f"nsu={NAMESPACE};s=DP", "unit": "hPa"},
            {"name": "No", "node": f"nsu={NAMESPACE};s=No"},
            {"name": "Time", "node": "i=2258"},
        ]
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
        done = await command(tmp_path, "check", "edge.yaml", "--connect", "--seconds", 8)
        browsed = await command(tmp_path, "browse", plant.endpoint, "--match", "DP", "--out", "tags.csv")
        again = await command(tmp_path, "browse", plant.endpoint, "--out", "tags.csv")
    assert done.code == 1
    assert "the device gives another unit than configured" in done.out
    assert "No\t–\tBadNodeIdUnknown: the device has no such place" in done.out
    assert browsed.code == 0, browsed
    assert (tmp_path / "tags.csv").read_text() == f"name,node,unit\nDP,nsu={NAMESPACE};s=DP,Pa\n"
    assert (again.code, "File exists" in again.err) == (1, True)


async def test_what_nobody_watches_is_a_note_and_no_fault(tmp_path: Path) -> None:
    """Tags without a limit are named by room; the exit code stays 0."""
    configure(tmp_path, transmitter("127.0.0.1:1", {"name": "DP", "address": 4}))
    measured = "tags: {temperature: R1.T}, control: [temperature]"
    room = f"{{id: R1, name: {{en: Room, zh: 房间}}, grade: C, at: [0, 0, 1, 1], {measured}}}"
    words = "name: {en: Plant, zh: 工厂}\nline: line-3\nzone: Asia/Shanghai\n"
    (tmp_path / "site.yaml").write_text(f"site: plant-a\n{words}rooms:\n  - {room}\n", encoding="utf-8")
    done = await command(tmp_path, "check", "edge.yaml")
    assert done.code == 0
    assert done.out.splitlines() == [
        "edge.yaml: no faults; 1 sources, 1 tags, 0 alarms on its site",
        "note: room R1: not monitored, because there is no limit: R1.T",
        "note: room R1: temperature is watched only by the probe that controls the room",
    ]
