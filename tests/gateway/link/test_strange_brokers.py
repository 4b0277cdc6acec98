"""Recipients whose broker is none."""

import asyncio
import struct
from contextlib import closing
from pathlib import Path

import pytest

from gateway.journal.journal import Journal
from gateway.link.publisher import streams_of
from gateway.link.settings import KafkaSettings
from gateway.link.uplinks import Uplinks
from simulators.ports import free_port
from tests.gateway.link.uplinks import KEY, MIB
from tests.support.eventually import eventually


async def senseless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers every question with no fault and nothing, which no broker does."""
    while head := await reader.read(4):
        question = await reader.readexactly(struct.unpack(">i", head)[0])
        answer = question[4:8] + struct.pack(">hi", 0, -1)
        writer.write(struct.pack(">i", len(answer)) + answer)
    writer.close()


async def test_a_broker_that_answers_nonsense_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, and tried again; the links to the others go on."""
    monkeypatch.setattr("gateway.link.uplinks.AGAIN", 0.01)
    asked = list[asyncio.StreamReader]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(reader)
        await senseless(reader, writer)

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    ports = {"holder-b": server.sockets[0].getsockname()[1], "holder-c": free_port()}
    clusters = {
        name: KafkaSettings(bootstrap=f"127.0.0.1:{port}", security="plaintext") for name, port in ports.items()
    }
    streams = [one for some in streams_of("cmo-a", "line-3", list(ports)).values() for one in some]
    with closing(Journal(tmp_path / "j.db", limit=MIB)) as journal:
        uplinks = Uplinks(clusters, journal, streams, KEY, ())
        running = asyncio.create_task(uplinks.run())
        try:
            await eventually(lambda: running.done() or len(asked) > 5, within=60)
            assert not running.done()
            await eventually(lambda: "fell over: " in str(uplinks.status()["holder-b"]["problem"]), within=60)
            assert uplinks.status()["holder-c"]["problem"] is None
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            server.close()
