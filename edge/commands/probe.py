"""`cmo-edge probe`: which device is it, and what do its numbers mean?"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.tools import Meaning, Probed
from edge.commands.arguments import ConfigFile, SourceName, loaded, refuse, source_in
from gateway.running import configure_logs, until_stopped


def probe(
    config: ConfigFile,
    source: SourceName,
    *,
    first: Annotated[int | None, typer.Option("--from", help="Read holding registers from here…", min=0)] = None,
    last: Annotated[
        int | None, typer.Option("--to", help="… to here, instead of the tags. It may have effects.")
    ] = None,
) -> None:
    """Show what a device says of itself, and each number in every word and byte order (Modbus). Nothing is written."""
    chosen = source_in(loaded(config), source)
    ask = chosen.adapter.tools.probe
    if ask is None:
        refuse(
            f"{source}: sources of type {chosen.settings.type} have no word order; `cmo-edge read` shows their values"
        )
    if (first is None) != (last is None):
        refuse("--from and --to belong together")
    registers = None if first is None or last is None else (first, last)
    configure_logs(level=logging.ERROR)  # what is not read stands in the answer
    found: list[Probed] = []

    async def probing() -> None:
        found.append(await ask(chosen.settings, registers))

    asyncio.run(until_stopped(probing()))
    for one in found:
        _show(source, one)


def _show(source: str, found: Probed) -> None:
    for name, content in found.said.items():
        typer.echo(f"{source} says {name}: {content}")
    for line in found.lines:
        typer.echo(f"{source}: {line}")
    if not found.meanings:
        typer.echo(f"{source}: no number in several registers was read")
        return
    orders = list(dict.fromkeys(order for one in found.meanings for order in one.numbers))
    if Console().is_terminal:
        Console().print(_table(found.meanings, orders))
        return
    typer.echo("\t".join(["value", "registers", *orders, "unit", "configured"]))
    for one in found.meanings:
        numbers = [number_text(one.numbers.get(order)) for order in orders]
        typer.echo("\t".join([one.name, one.content, *numbers, one.unit, one.configured or ""]))


def _table(meanings: Sequence[Meaning], orders: Sequence[str]) -> Table:
    table = Table("value", "registers", box=None, header_style="dim")
    for order in orders:
        table.add_column(order, justify="right")
    table.add_column("unit")
    for one in meanings:
        cells = [Text(number_text(one.numbers.get(order)), style=_style(one, order)) for order in orders]
        table.add_row(Text(one.name), one.content, *cells, one.unit)
    table.caption = "bold: as configured; green: within the tag's range. A letter is a byte, A the highest."
    return table


def _style(meaning: Meaning, order: str) -> str:
    bold = "bold" if order == meaning.configured else ""
    return f"{bold} green" if order in meaning.possible else bold


def number_text(number: float | None) -> str:
    """As short as it can be told apart; a dash for what is no number."""
    return "–" if number is None else f"{number:.6g}"
