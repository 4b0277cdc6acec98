import math
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.client import AsyncModbusTcpClient

from simulators.devices.transmitter import ModbusTransmitter, scaled


@pytest.fixture
async def transmitter() -> AsyncIterator[ModbusTransmitter]:
    device = ModbusTransmitter()
    await device.start()
    yield device
    await device.stop()


@pytest.fixture
async def client(transmitter: ModbusTransmitter) -> AsyncIterator[AsyncModbusTcpClient]:
    host, port = transmitter.address.split(":")
    connection = AsyncModbusTcpClient(host, port=int(port))
    assert await connection.connect()
    yield connection
    connection.close()


async def floats(client: AsyncModbusTcpClient, address: int, count: int) -> list[float]:
    response = await client.read_holding_registers(address, count=2 * count, device_id=1)
    values = client.convert_from_registers(response.registers, client.DATATYPE.FLOAT32, word_order="little")
    assert isinstance(values, list)
    return [float(value) for value in values if isinstance(value, float)]


async def test_values_come_as_floats_low_word_first_and_as_integers(
    transmitter: ModbusTransmitter, client: AsyncModbusTcpClient
) -> None:
    """Humidity, temperature, differential at 1, 3, 5 and × 100 at 258, 259, 260."""
    await transmitter.update({"humidity": 45.2, "temperature": -20.05, "differential": -12.34})
    assert await floats(client, 0, 3) == pytest.approx([45.2, -20.05, -12.34], rel=1e-6)
    response = await client.read_input_registers(257, count=3, device_id=1)
    numbers = client.convert_from_registers(response.registers, client.DATATYPE.INT16)
    assert numbers == [4520, -2005, -1234]


async def test_no_value_is_nan_and_the_mark_without_an_exception(
    transmitter: ModbusTransmitter, client: AsyncModbusTcpClient
) -> None:
    """As Vaisala has it: a quiet NaN and 0x8000; the other channels go on; unit 2 reports a sensor error."""
    await transmitter.update({"humidity": None, "temperature": 20.0, "differential": math.nan})
    humidity, temperature, differential = await floats(client, 0, 3)
    assert math.isnan(humidity)
    assert temperature == 20.0
    assert math.isnan(differential)
    response = await client.read_holding_registers(257, count=3, device_id=1)
    assert response.registers == [0x8000, 2000, 0x8000]
    response = await client.read_holding_registers(19, count=2, device_id=2)
    assert response.registers == [0, 1]


async def test_the_constants_prove_sign_word_order_and_text(client: AsyncModbusTcpClient) -> None:
    """7937 int −12345, 7938 float −123.45, 7940 text (HMDW110)."""
    response = await client.read_holding_registers(7936, count=7, device_id=1)
    registers = response.registers
    convert, types = client.convert_from_registers, client.DATATYPE
    assert convert(registers[:1], types.INT16) == -12345
    assert convert(registers[1:3], types.FLOAT32, word_order="little") == pytest.approx(-123.45)
    assert convert(registers[3:], types.STRING) == "-123.45"


async def test_the_pressure_beside_it_is_the_same_in_whole_pascals(
    transmitter: ModbusTransmitter, client: AsyncModbusTcpClient
) -> None:
    """Unit 2 has int16 Pa, negative ones too, and a float high word first."""
    await transmitter.update({"differential": -12.4})
    response = await client.read_holding_registers(0, count=10, device_id=2)
    convert, types = client.convert_from_registers, client.DATATYPE
    assert convert(response.registers[:2], types.INT16) == [-50, -12]
    assert convert(response.registers[4:6], types.FLOAT32) == pytest.approx(-12.4)


async def test_a_register_that_is_not_there_is_an_illegal_address(client: AsyncModbusTcpClient) -> None:
    """Off by one at the table's end is told, not answered with a neighbour."""
    response = await client.read_holding_registers(1, count=6, device_id=1)
    assert response.isError()
    assert response.exception_code == 2


async def test_an_unknown_point_is_refused(transmitter: ModbusTransmitter) -> None:
    """A misspelt point in a test is no silent nothing."""
    with pytest.raises(KeyError, match="pressure"):
        await transmitter.update({"pressure": 1.0})


@given(st.floats(allow_infinity=True))
def test_an_integer_register_holds_the_value_or_a_mark(value: float) -> None:
    """Never a wrapped number."""
    register = scaled(value, 100)
    signed = register - 0x10000 if register >= 0x8000 else register
    if register == 0x8000:
        assert math.isnan(value)
    elif register == 0x7FFF:
        assert value > 327
    elif register == 0x8001:
        assert value < -327
    else:
        assert signed == pytest.approx(value * 100, abs=0.51)
