"""`cmo-edge weigh` and `cmo-edge accept-identity`: what a person at the line asks of the running agent."""

import getpass
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from adapters.contract import WeighingRequest
from edge.commands.arguments import ConfigFile, SourceName, loaded, refuse, source_in
from edge.control import ask
from gateway.running import Exit, complain

PATIENCE = 90.0
"""Seconds: longer than the longest that a balance is given to become stable."""
Person = Annotated[str | None, typer.Option(help="Who does it; the login name where left out.")]


def weigh(
    config: ConfigFile,
    source: SourceName,
    *,
    operator: Person = None,
    lot: Annotated[str | None, typer.Option(help="Lot of the material.")] = None,
    batch: Annotated[str | None, typer.Option(help="Batch it is for.")] = None,
    tare: Annotated[float | None, typer.Option(help="The container, in the unit of the balance.", min=0.0)] = None,
    second: Annotated[str | None, typer.Option(help="Who checks it: another person.")] = None,
) -> None:
    """Take a weighing of record at a balance. Exit code 1 when it is refused; that is a record too."""
    request = {
        "operator": operator or getpass.getuser(), "lot": lot, "batch": batch, "tare": tare, "second": second,
    }  # fmt: skip
    try:
        WeighingRequest.model_validate(request | {"method": "COMMAND"})
    except ValidationError as error:
        fault = error.errors()[0]
        refuse(f"{fault['loc'][0]}: {fault['msg']}")
    taken = _asked(config, source, "weigh", **request)
    typer.echo(_line(taken))
    if not taken["accepted"]:
        complain(f"cmo-edge: refused: {taken['detail']}")
        raise typer.Exit(Exit.FAILED)


def accept_identity(
    config: ConfigFile,
    source: SourceName,
    *,
    reason: Annotated[str, typer.Option(help="Why another device is there; becomes part of the record.", min=1)],
    by: Person = None,
) -> None:
    """Accept the device that answers now as the one that is meant, so that its data are Good again."""
    said = _asked(config, source, "accept_identity", actor=by or getpass.getuser(), comment=reason)
    typer.echo(f"{source}: accepted, {', '.join(f'{name} {content}' for name, content in said.items())}")


def _asked(config: Any, source: str, do: str, **arguments: Any) -> Any:
    configuration = loaded(config)
    source_in(configuration, source)
    if configuration.control_socket is None:
        refuse("the configuration has no control_socket; add one and restart the agent")
    return ask(configuration.control_socket, do, patience=PATIENCE, source=source, **arguments)


def _line(taken: dict[str, Any]) -> str:
    """The record in one line."""
    numbers = {name: taken[name] for name in ("gross", "tare", "net") if taken[name] is not None}
    weights = ", ".join(f"{name} {number:.10g} {taken['unit'] or '?'}" for name, number in numbers.items())
    state = "accepted" if taken["accepted"] else "refused"
    return "\t".join(
        (f"{taken['source']}: {state}", weights or "no weight", f"balance {taken['serial_number']}", taken["id"])
    )
