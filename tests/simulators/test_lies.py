"""Devices that lie on purpose, told to by a scenario."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pymodbus.client import AsyncModbusTcpClient

from simulators.devices import Value
from simulators.devices.__main__ import DeviceSpec, build
from simulators.devices.modbus_lies import TCP_ONLY
from simulators.documents import DocumentError
from simulators.lies import lies_of
from simulators.plant import AnyDevice, Balance, OpcUa, ParticleCounter, Plant, Transmitter, load_plant
from simulators.scenario import load_scenario
from simulators.tags import plant_tags
from tests.fault_table import IDS
from tests.support.eventually import eventually
from tests.support.plant import LINE_3, running_plant


async def test_a_device_lies_while_the_scenario_says_so(tmp_path: Path) -> None:
    """A transmitter that says that it is busy, and then answers again."""
    lie = {"device": "transmitter-m1", "lie": "busy"}
    story = {"title": "lie", "steps": [{"at": 1, "do": "lie", **lie}, {"at": 6, "do": "stop_lying", **lie}]}
    async with running_plant(tmp_path, story) as plant:
        host, port = plant.addresses["transmitter-m1"].split(":")
        client = AsyncModbusTcpClient(host, port=int(port))
        await client.connect()

        async def code() -> int:
            answer = await client.read_holding_registers(0, count=2, device_id=1)
            return answer.exception_code if answer.isError() else 0

        async def busy() -> bool:
            return await code() == 6

        async def answers() -> bool:
            return await code() == 0

        await eventually(busy, within=60)
        await eventually(answers, within=60)
        client.close()


def test_a_lie_that_no_such_device_knows_is_named(tmp_path: Path) -> None:
    """With the nearest that there is."""
    file = tmp_path / "s.yaml"
    file.write_text("title: t\nsteps:\n  - {at: 1, do: lie, device: balance-w1, lie: overlod}\n")
    with pytest.raises(DocumentError, match="overload"):
        load_scenario(file, load_plant(LINE_3))


DEVICES: dict[str, AnyDevice] = {
    "ems": OpcUa(kind="opcua", history=100, secure=True, alarm_below=10),
    "tcp": Transmitter(kind="transmitter", room="M1", against="C1"),
    "rtu": Transmitter(kind="transmitter", framing="rtu", room="M1", against="C1"),
    "counter": ParticleCounter(kind="particle-counter", framing="ascii", room="F1"),
    "balance": Balance(kind="balance", room="W1"),
}


def of_devices(behaviour: str) -> bool:
    """F01 to F50: what any one device does. F-A1 to F-A9 are common to all, F60 to F72 are those of exported files."""
    return not behaviour.startswith("F-A") and int(behaviour[1:]) <= 50


def test_every_behaviour_of_the_catalogue_can_be_switched_on() -> None:
    """By a name of some device; each name says which behaviours it shows."""
    shown: set[str] = set()
    for device in DEVICES.values():
        for name, text in lies_of(device).items():
            ids = re.findall(r"F-A\d|F\d\d", text)
            assert ids, name
            shown.update(ids)
    assert {one for one in IDS if of_devices(one)} <= shown <= set(IDS)


def test_a_device_has_no_lie_that_nobody_could_see() -> None:
    """Without a history, a certificate or alarms there is nothing to lie about; on a line there is no connection."""
    plain = lies_of(OpcUa(kind="opcua"))
    assert set(lies_of(DEVICES["ems"])) - set(plain) == {"F08", "F09", "F10"}
    assert set(lies_of(DEVICES["tcp"])) - set(lies_of(DEVICES["rtu"])) == TCP_ONLY
    assert "second-master" in lies_of(DEVICES["counter"])
    assert not {"second-master"} & set(lies_of(DEVICES["tcp"]))
    assert not {"torn", "no-value", "one-connection"} & set(lies_of(DEVICES["counter"]))


async def test_every_lie_is_told_by_the_device_that_has_it(tmp_path: Path) -> None:
    """Each can be switched on and off while the device gets its readings, and the device lives on."""
    tags = plant_tags(Plant.model_validate(_document()))
    for name, settings in DEVICES.items():
        own = [tag for tag in tags if tag.device == name]
        spec = DeviceSpec(plant="p", name=name, device=settings, link=tmp_path / name, tags=own, keys=tmp_path / "keys")
        device = build(spec)
        await device.start()
        values: dict[str, Value] = {tag.point: "x" if tag.type == "string" else 1 for tag in own}
        try:
            for lie in lies_of(settings):
                for on in (True, False):
                    if (switching := device.lie(lie, on=on)) is not None:
                        await switching
                    await device.update(values)
        finally:
            await device.stop()


def _document() -> dict[str, Any]:
    document = yaml.safe_load((LINE_3 / "plant.yaml").read_text())
    return {**document, "devices": {name: device.model_dump() for name, device in DEVICES.items()}}
