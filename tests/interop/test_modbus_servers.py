"""The Modbus adapter against libmodbus (C) and j2mod (Java); nobody here wrote those."""

from pathlib import Path

import pytest

from tests.adapters.support import free_port
from tests.interop.modbus_servers import check, j2mod_command, libmodbus_server, running, two_terminals


async def test_libmodbus_is_read_over_tcp(tmp_path: Path) -> None:
    """The library behind most C programs that speak Modbus."""
    port = free_port()
    with running([str(libmodbus_server(tmp_path)), "tcp", str(port)]):
        await check(host="127.0.0.1", port=port)


async def test_libmodbus_is_read_over_a_serial_line(tmp_path: Path) -> None:
    """RTU, with its own CRC and its own idea of timing."""
    server = libmodbus_server(tmp_path)
    with two_terminals() as (ours, theirs), running([str(server), "rtu", theirs]):
        await check(framing="rtu", line={"path": ours})


@pytest.mark.parametrize("framing", ["tcp", "rtu"])
async def test_j2mod_is_read(framing: str) -> None:
    """Modbus TCP, and RTU through TCP as a serial device server brings it."""
    port = free_port()
    with running([*j2mod_command(), str(port), *(["rtu"] if framing == "rtu" else [])]):
        await check(framing=framing, host="127.0.0.1", port=port)
