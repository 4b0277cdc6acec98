from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from pymodbus.client import AsyncModbusTcpClient

from simulators.devices.particles import CAPACITY, ParticleCounter

NOON = datetime(2026, 6, 11, 12, 0, tzinfo=UTC)


@pytest.fixture
async def counter() -> AsyncIterator[ParticleCounter]:
    device = ParticleCounter(serial_number=100_000)
    await device.start()
    yield device
    await device.stop()


@pytest.fixture
async def client(counter: ParticleCounter) -> AsyncIterator[AsyncModbusTcpClient]:
    host, port = counter.address.split(":")
    connection = AsyncModbusTcpClient(host, port=int(port))
    assert await connection.connect()
    yield connection
    connection.close()


async def holding(client: AsyncModbusTcpClient, number: int, count: int = 1) -> list[int]:
    """Registers by the number of the manual, 40001 and on."""
    response = await client.read_holding_registers(number - 40001, count=count)
    assert not response.isError()
    return list(response.registers)


async def record(client: AsyncModbusTcpClient) -> list[int]:
    response = await client.read_input_registers(0, count=76)
    assert not response.isError()
    return list(response.registers)


async def take(counter: ParticleCounter, number: int, fine: int = 3400, coarse: int = 28) -> None:
    await counter.update({"sample": number, "sample_seconds": 60, "count_05": fine, "count_5": coarse}, NOON)


def word(registers: list[int], number: int) -> int:
    """A 32-bit integer, high word first, by the number of its first register from 1."""
    return registers[number - 1] << 16 | registers[number]


async def test_identity_and_state_are_where_the_manual_has_them(client: AsyncModbusTcpClient) -> None:
    """Map version, firmware, serial number, product; running and sampling, no data yet."""
    assert await holding(client, 40001) == [148]
    assert await holding(client, 40003, 2) == [0b011, 212]
    assert word(await holding(client, 40005, 2), 1) == 100_000
    assert bytes(byte for register in await holding(client, 40007, 3) for byte in register.to_bytes(2)) == b"REMOTE"


async def test_a_finished_sample_becomes_the_newest_record(
    counter: ParticleCounter, client: AsyncModbusTcpClient
) -> None:
    """Time, seconds, location, status, counts high word first, the flow as a float low word first."""
    await take(counter, 1, fine=70_000, coarse=28)
    registers = await record(client)
    assert word(registers, 1) == NOON.timestamp()
    assert [word(registers, number) for number in (3, 5, 7)] == [60, 1, 0]
    assert [word(registers, number) for number in (9, 11)] == [70_000, 28]
    flow = client.convert_from_registers(registers[40:42], client.DATATYPE.FLOAT32, word_order="little")
    assert flow == pytest.approx(28.3)
    assert registers[72:74] == [0b1, 0b11]


async def test_inactive_channels_hold_garbage_that_their_mask_disowns(
    counter: ParticleCounter, client: AsyncModbusTcpClient
) -> None:
    """A reader that doesn't obey 30074 gets six impossible counts."""
    await take(counter, 1)
    registers = await record(client)
    assert all(word(registers, number) > 1e9 for number in range(13, 25, 2))


async def test_any_read_of_input_registers_clears_new_data(
    counter: ParticleCounter, client: AsyncModbusTcpClient
) -> None:
    """Fault F30: the mark is gone after the first reader, holding registers leave it."""
    await take(counter, 1)
    assert await holding(client, 40003) == [0b111]
    assert await holding(client, 40003) == [0b111]
    await client.read_input_registers(0, count=2)
    assert await holding(client, 40003) == [0b011]


async def test_older_records_are_read_by_their_index(counter: ParticleCounter, client: AsyncModbusTcpClient) -> None:
    """0 is the oldest, −1 the newest; one that isn't there is an illegal value."""
    for number in (1, 2, 3):
        await take(counter, number, fine=1000 * number)
    assert await holding(client, 40024, 2) == [3, 0xFFFF]
    await client.write_register(24, 1)
    assert word(await record(client), 9) == 2000
    assert (await client.write_register(24, 3)).exception_code == 3
    await client.write_register(24, 0xFFFF)
    assert word(await record(client), 9) == 3000


async def test_the_buffer_is_a_ring(counter: ParticleCounter, client: AsyncModbusTcpClient) -> None:
    """When it is full the oldest record goes and the count stays."""
    for number in range(1, CAPACITY + 3):
        await take(counter, number, fine=number)
    assert await holding(client, 40024) == [CAPACITY]
    await client.write_register(24, 0)
    assert word(await record(client), 9) == 3


async def test_a_lost_flow_marks_the_record_and_the_device(
    counter: ParticleCounter, client: AsyncModbusTcpClient
) -> None:
    """A count with a flow bit is no clean room (bit 1 of the record, bit 3 of 40003)."""
    await counter.update({"flow": None})
    await take(counter, 1, fine=0, coarse=0)
    assert (await holding(client, 40003))[0] & 0b1000
    assert word(await record(client), 7) == 0b10


async def test_too_many_particles_mark_the_record(counter: ParticleCounter, client: AsyncModbusTcpClient) -> None:
    """The next one, with few again, is good."""
    await counter.update({"sample": 1, "count_05": 3, "overflow": True})
    assert word(await record(client), 7) == 0b100
    await counter.update({"sample": 2, "count_05": 3, "overflow": False})
    assert word(await record(client), 7) == 0


async def test_commands_clear_stop_and_start(counter: ParticleCounter, client: AsyncModbusTcpClient) -> None:
    """3 wipes the buffer, 12 stops sampling, 11 starts it; the register reads 0; others are refused."""
    await take(counter, 1)
    await client.write_register(1, 3)
    assert await holding(client, 40024) == [0]
    await client.write_register(1, 12)
    assert await holding(client, 40003) == [0]
    await take(counter, 2)
    assert await holding(client, 40024) == [0]
    await client.write_register(1, 11)
    assert await holding(client, 40002, 2) == [0, 0b011]
    assert (await client.write_register(1, 99)).exception_code == 3
    assert (await client.write_register(0, 1)).exception_code == 2


async def test_its_clock_can_be_set_and_stands_in_records(
    counter: ParticleCounter, client: AsyncModbusTcpClient
) -> None:
    """Command 13 takes 40035/36; a clock in the past is believed, as counters do."""
    await client.write_registers(34, [0x1000, 0x0000])
    await client.write_register(1, 13)
    assert word(await holding(client, 40027, 2), 1) == pytest.approx(0x10000000, abs=30)


async def test_map_150_has_the_other_word_order_for_floats_only() -> None:
    """Integers stay high word first (section 2 of the device facts)."""
    device = ParticleCounter(map_version=150)
    await device.start()
    host, port = device.address.split(":")
    client = AsyncModbusTcpClient(host, port=int(port))
    await client.connect()
    await take(device, 1, fine=70_000)
    registers = await record(client)
    assert word(registers, 9) == 70_000
    assert client.convert_from_registers(registers[40:42], client.DATATYPE.FLOAT32) == pytest.approx(28.3)
    client.close()
    await device.stop()


async def test_a_counter_that_comes_back_does_not_repeat_its_last_sample() -> None:
    """What it is told first is where the numbers stand; the next number is a record."""
    device = ParticleCounter(resuming=True)
    await device.start()
    host, port = device.address.split(":")
    client = AsyncModbusTcpClient(host, port=int(port))
    await client.connect()
    await take(device, 7)
    assert await holding(client, 40024) == [0]
    await take(device, 8)
    assert await holding(client, 40024) == [1]
    client.close()
    await device.stop()
