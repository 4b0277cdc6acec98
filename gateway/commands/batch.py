"""`cmo-gateway batch` and `cmo-gateway lot`: one batch with everything of it, and where material came from and went.

A running node owns its archive's file; then its console is asked, which gives the same.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Annotated, Any
from urllib.parse import quote

import typer

from gateway.archive.archive import Archive
from gateway.batches.archived import assembled
from gateway.batches.genealogy import trace
from gateway.batches.listed import Known, listed
from gateway.commands.arguments import ConfigFile, loaded
from gateway.commands.asking import asked
from gateway.commands.batch_text import batch_lines, list_lines, trace_lines
from gateway.console.views.display import Clock
from gateway.running import Exit, complain, tell

LISTED = 1000
"""How many batches are listed."""
Number = Annotated[str, typer.Argument(metavar="LOT", help="The batch number.")]
LotName = Annotated[str, typer.Argument(metavar="LOT", help="A lot, a supplier's lot or a batch number.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")]

batch = typer.Typer(no_args_is_help=True, help="Batches, with everything that is known of them.")
lot = typer.Typer(no_args_is_help=True, help="Lots of material.")


@batch.command("show")
def show(number: Number, config: ConfigFile, *, as_json: AsJson = False) -> None:
    """All of one batch: steps, weighings, rooms, alarms, tests, materials, deviations, missing pieces.

    Exit code 1 where nothing is known of the number. A number that several products use shows a batch for each.
    """
    configuration = loaded(config)
    now = time.time_ns() // 1000

    def ask(archive: Archive) -> object:
        return assembled(archive, configuration.site, configuration.agreed.masters, number, now)

    found = asked(configuration, ask, f"/api/batches/{quote(number, safe='')}")
    if not found:
        complain(f"cmo-gateway: nothing is known of batch {number}; `cmo-gateway batch list` names all")
        raise typer.Exit(Exit.FAILED)
    clock = Clock.of(configuration.site.zone)
    _tell(found, as_json=as_json, lines=lambda whole: (line for one in whole for line in batch_lines(one, clock)))


@batch.command("list")
def list_(config: ConfigFile, *, as_json: AsJson = False) -> None:
    """Every batch that any record names, the newest first."""
    configuration = loaded(config)
    clock = Clock.of(configuration.site.zone)
    known = Known(configuration.agreed.masters.same())
    found = asked(configuration, lambda archive: listed(archive, known, count=LISTED), "/api/batches")
    _tell(found["batches"], as_json=as_json, lines=lambda rows: list_lines(rows, clock))


@lot.command("trace")
def trace_(name: LotName, config: ConfigFile, *, as_json: AsJson = False) -> None:
    """Where a lot went, through every batch, and what went into it, back to the suppliers.

    Exit code 1 where nothing has that name.
    """
    configuration = loaded(config)
    same = configuration.agreed.masters.same()
    found = asked(configuration, lambda archive: trace(archive, name, same), f"/api/lots/{quote(name, safe='')}")
    if not found["starts"]:
        complain(f"cmo-gateway: no lot, supplier's lot or batch is called {name}")
        raise typer.Exit(Exit.FAILED)
    _tell(found, as_json=as_json, lines=trace_lines)


def _tell(found: Any, *, as_json: bool, lines: Callable[[Any], Iterator[str]]) -> None:
    if as_json:
        tell(json.dumps(found, ensure_ascii=False))
        return
    for line in lines(found):
        tell(line)
