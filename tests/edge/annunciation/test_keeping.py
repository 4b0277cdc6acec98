"""The beacon follows the alarms, also over a device that goes and comes."""

import asyncio

from edge.annunciation.beacon import switch_of
from edge.annunciation.keeping import Beaconkeeper
from edge.annunciation.settings import ModbusBeacon
from simulators.ports import free_port
from tests.edge.annunciation.parts import coils
from tests.support.eventually import eventually


async def test_the_beacon_follows_and_a_lost_one_is_said_and_set_again() -> None:
    """The state is written again by itself, so that a device which was exchanged is lit too."""
    port, wanted = free_port(), [False]
    beacon = ModbusBeacon(type="modbus", host="127.0.0.1", port=port, coil=0, refresh=1.0)
    keeper = Beaconkeeper(switch_of(beacon, {}), lambda: wanted[0], beacon.refresh)
    running = asyncio.create_task(keeper.run())
    try:
        async with coils(port) as (device, _):
            await eventually(lambda: device.on == {0: False}, within=60)
            wanted[0] = True
            await eventually(lambda: device.on == {0: True}, within=60)
            await keeper.test()
            assert device.writes[-3:] == [(0, True), (0, False), (0, True)]
        await eventually(lambda: keeper.problem, within=60, what="the lost beacon to be said")
        async with coils(port) as (again, _):
            await eventually(lambda: again.on == {0: True}, within=60)
            await eventually(lambda: keeper.problem == "", within=60)
    finally:
        running.cancel()
