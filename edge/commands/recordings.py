"""`cmo-edge record` and `replay`: what a device said, byte for byte, as a test case."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import typer

from adapters.registry import adapter, adapter_names
from adapters.tools import Tcp
from edge.commands.arguments import ConfigFile, SourceName, loaded, refuse, source_in
from edge.recording.record import Recorder, Recording, load_recording
from edge.recording.relay import relayed
from edge.recording.serving import replaying
from edge.settings import SourceConfiguration
from edge.supervise import Supervisor, already_safe
from gateway.running import Exit, complain, configure_logs, until_stopped


def record(
    config: ConfigFile,
    source: SourceName,
    *,
    out: Annotated[Path, typer.Option(help="The file to write; JSON lines.")],
    seconds: Annotated[float | None, typer.Option(help="Stop after this time instead of at Ctrl-C.", min=0.1)] = None,
) -> None:
    """Read one source through a relay and write down every octet of both sides, with its time. Publishes nothing."""
    chosen = source_in(loaded(config), source)
    configure_logs(level=logging.WARNING)
    try:
        recorder = asyncio.run(_recorded(chosen, out, seconds))
    except FileExistsError:
        refuse(f"--out {out}: there is a file already; name another")
    typer.echo(f"{out}: {recorder.asked} octets asked, {recorder.said} said by {source}")
    if not recorder.said:
        complain(f"cmo-edge: {source} said nothing; what was tried is in {out}")
        raise typer.Exit(Exit.FAILED)


async def _recorded(chosen: SourceConfiguration, out: Path, seconds: float | None) -> Recorder:
    tools, settings = chosen.adapter.tools, chosen.settings
    if tools.reached is None or tools.moved is None:
        refuse(f"{chosen.name}: sources of type {settings.type} cannot be recorded")
    device, moved = tools.reached(settings), tools.moved
    framing = device.framing if isinstance(device, Tcp) else "octets"
    place: Literal["tcp", "port"] = "tcp" if isinstance(device, Tcp) else "port"
    with out.open("x", encoding="utf-8") as file:
        recorder = Recorder(file, chosen.name, settings.type, framing, place)

        async def reading() -> None:
            async with relayed(device, recorder) as there, asyncio.timeout(seconds):
                source = chosen.adapter.source(moved(settings, there))
                await Supervisor(chosen.name, source, lambda _: already_safe()).run()

        with suppress(TimeoutError):
            await until_stopped(reading())
    return recorder


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recording.")],
    *,
    port: Annotated[int, typer.Option(help="TCP port on this machine; 0 for a free one.", min=0, max=65_535)] = 0,
    link: Annotated[Path | None, typer.Option(help="Name for the terminal that plays a serial port.")] = None,
) -> None:
    """Play the recorded device until stopped; of OPC UA, whose messages never repeat, show the frames instead."""
    recording = load_recording(file)
    if recording.head.framing == "opc-ua":
        for line in frames(recording):
            typer.echo(line)
        return
    asyncio.run(until_stopped(_playing(recording, port, link)))


async def _playing(recording: Recording, port: int, link: Path | None) -> None:
    told: set[bytes] = set()

    def unknown(asked: bytes) -> None:
        if asked not in told and len(told) < 100:
            told.add(asked)
            complain(f"asked for what was not recorded: {asked[:64].hex(' ')}")

    async with replaying(recording, unknown, port=port, link=link) as address:
        typer.echo(f"{recording.head.source} ({recording.head.type}) is played at {address}")
        await asyncio.Event().wait()


def frames(recording: Recording) -> Iterable[str]:
    """A line for each frame, with its time in seconds and who sent it; of what has no frames, the octets."""
    kind = recording.head.type
    dissect = adapter(kind).tools.dissect if kind in adapter_names() else None
    for event in recording.events:
        head = f"{event.at / 1e6:12.6f} {event.connection} {event.what}"
        lines = [event.octets.hex(" ")] if dissect is None or not event.octets else list(dissect(event.octets))
        yield from (f"{head} {line}".rstrip() for line in lines)
