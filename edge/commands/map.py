"""`cmo-edge map`: mapping files for exports of LIMS, WMS and others, made, tried and tested."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.console import Console
from rich.table import Table

from adapters.exports.accounting import Account, Outcome, Refused, Repeat
from adapters.exports.formats.row import FileRefusedError
from adapters.exports.guessing import ENCODINGS
from adapters.exports.mapping import KINDS, MappingError, load
from adapters.exports.proposing import proposal
from adapters.exports.trying import examples, outcomes_of, plain
from edge.collector import spare_the_collector
from gateway.bundle.progress import shown
from gateway.running import Exit, complain

app = typer.Typer(no_args_is_help=True, help="Mapping files: what the columns of an export mean.")
MappingFile = Annotated[Path, typer.Argument(metavar="MAPPING", exists=True, dir_okay=False, help="Mapping file.")]
_STEP = 1000


@app.command()
def init(
    sample: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An export.")],
    kind: Annotated[str | None, typer.Option(help=f"What its rows are: {', '.join(KINDS)}.")] = None,
    encoding: Annotated[str | None, typer.Option(help=f"{', '.join(ENCODINGS)}.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of an Excel file.")] = None,
) -> None:
    """Print a mapping for a sample, to be checked: what is left out here is guessed, what is not known says FILL IN."""
    known = {str(one): one for one in ENCODINGS}
    for name, given, choices in (("kind", kind, KINDS), ("encoding", encoding, known)):
        if given is not None and given not in choices:
            complain(f"{name} {given} is not known: give one of {', '.join(choices)}")
            raise typer.Exit(Exit.CONFIGURATION)
    try:
        chosen = known[encoding] if encoding else None
        typer.echo(proposal(sample, encoding=chosen, kind=kind, sheet=sheet), nl=False)
    except (FileRefusedError, UnicodeError) as error:
        complain(f"{sample}: {error}")
        raise typer.Exit(Exit.FAILED) from error


@app.command(name="try")
def try_out(
    mapping: MappingFile,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="An export.")],
    as_yaml: Annotated[bool, typer.Option("--yaml", help="As an example's expected file; shows all rows.")] = False,
    most: Annotated[int, typer.Option(min=1, help="Most rows that are shown; all are counted.")] = 500,
) -> None:
    """Show the records of a file and its refused rows with reasons; send nothing."""
    account = Account()
    spare_the_collector()
    with shown("rows read, of two times all") as advance:
        try:
            outcomes = outcomes_of(file, load(mapping), account, advance)
        except MappingError as error:
            complain(str(error))
            raise typer.Exit(Exit.CONFIGURATION) from error
        except FileRefusedError as error:
            complain(f"{file}: refused: {error}")
            raise typer.Exit(Exit.FAILED) from error
        told = _told(outcomes, None if as_yaml else most, advance)
    if as_yaml:
        typer.echo(yaml.safe_dump([plain(one) for one in told], allow_unicode=True, sort_keys=False), nl=False)
        return
    Console().print(_table(told))
    typer.echo(str(account))


def _told(outcomes: Iterator[Outcome], most: int | None, advance: Callable[[int], None]) -> list[Outcome]:
    """What is shown: the first rows, and refused ones rather than others."""
    told, refused = list[Outcome](), list[Outcome]()
    for number, one in enumerate(outcomes, 1):
        if most is None or len(told) < most:
            told.append(one)
        elif isinstance(one, Refused) and len(refused) < most:
            refused.append(one)
        if not number % _STEP:
            advance(_STEP)
    return told[: len(told) - len(refused)] + refused


def _table(outcomes: list[Outcome]) -> Table:
    table = Table("line", "record", "refused because")
    for one in outcomes:
        if isinstance(one, Refused):
            table.add_row(str(one.line), "", _literal(one.reason))
        elif isinstance(one, Repeat):
            table.add_row(str(one.line), "repeat", "")
        else:
            told = ", ".join(f"{name} {value}" for name, value in plain(one)["record"].items())
            table.add_row(str(one.line), _literal(told), "")
    return table


@app.command()
def test(mapping: MappingFile) -> None:
    """Try the examples kept beside a mapping: NAME.EXAMPLE.csv with NAME.EXAMPLE.expected.yaml."""
    try:
        tried = list(examples(mapping))
    except MappingError as error:
        complain(str(error))
        raise typer.Exit(Exit.CONFIGURATION) from error
    for example in tried:
        typer.echo(f"{example.file.name}: {'differs' if example.differences else 'as expected'}")
        for difference in example.differences:
            typer.echo(f"  {difference}")
    if not tried:
        complain(f"{mapping}: no example stands beside it (as {mapping.stem}.NAME.csv)")
    if not tried or any(example.differences for example in tried):
        raise typer.Exit(Exit.FAILED)


def _literal(text: str) -> str:
    """Text of a file is shown, never taken for markup or for the terminal's orders."""
    shown = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
    return shown.replace("[", r"\[")
