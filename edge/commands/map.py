"""`cmo-edge map`: mapping files for exports of LIMS, WMS and others, made, tried and tested."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.console import Console
from rich.table import Table

from adapters.exports.accounting import Account, Refused, Repeat
from adapters.exports.mapping import MappingError, load
from adapters.exports.rows import FileRefusedError
from adapters.exports.trying import Encoding, examples, outcomes_of, plain, proposal
from gateway.running import Exit, complain

app = typer.Typer(no_args_is_help=True, help="Mapping files: what the columns of an export mean.")
MappingFile = Annotated[Path, typer.Argument(metavar="MAPPING", exists=True, dir_okay=False, help="Mapping file.")]


class Kind(StrEnum):
    """Record kinds that a mapping makes."""

    TEST_RESULT = "test-result"
    MATERIAL_MOVEMENT = "material-movement"
    DOCUMENT = "document"


@app.command()
def init(
    sample: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An export.")],
    kind: Annotated[Kind, typer.Option(help="What its rows are.")] = Kind.TEST_RESULT,
    encoding: Annotated[str, typer.Option(help="utf-8, gb18030 or utf-16.")] = "utf-8",
) -> None:
    """Print a mapping for a sample, to be filled in."""
    known: dict[str, Encoding] = {"utf-8": "utf-8", "gb18030": "gb18030", "utf-16": "utf-16"}
    if encoding not in known:
        complain(f"encoding {encoding} is not known: give one of {', '.join(known)}")
        raise typer.Exit(Exit.CONFIGURATION)
    try:
        typer.echo(proposal(sample, known[encoding], kind.value), nl=False)
    except FileRefusedError as error:
        complain(f"{sample}: {error}")
        raise typer.Exit(Exit.FAILED) from error


@app.command(name="try")
def try_out(
    mapping: MappingFile,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="An export.")],
    as_yaml: Annotated[bool, typer.Option("--yaml", help="As an example's expected file.")] = False,
) -> None:
    """Show the records of a file and its refused rows with reasons; send nothing."""
    account = Account()
    try:
        found = list(outcomes_of(file, load(mapping), account))
    except MappingError as error:
        complain(str(error))
        raise typer.Exit(Exit.CONFIGURATION) from error
    except FileRefusedError as error:
        complain(f"{file}: refused: {error}")
        raise typer.Exit(Exit.FAILED) from error
    if as_yaml:
        typer.echo(yaml.safe_dump([plain(one) for one in found], allow_unicode=True, sort_keys=False), nl=False)
        return
    table = Table("line", "record", "refused because")
    for one in found:
        if isinstance(one, Refused):
            table.add_row(str(one.line), "", _literal(one.reason))
        elif isinstance(one, Repeat):
            table.add_row(str(one.line), "repeat", "")
        else:
            told = ", ".join(f"{name} {value}" for name, value in plain(one)["record"].items())
            table.add_row(str(one.line), _literal(told), "")
    Console().print(table)
    typer.echo(str(account))


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
