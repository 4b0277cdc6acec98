"""The command `cmo-sim`."""

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from simulators import runner
from simulators.documents import DocumentError
from simulators.journal import open_journal
from simulators.plant import Plant, load_plant, plant_file
from simulators.ports import is_free
from simulators.processes import DeviceError, port_faults
from simulators.scenario import Scenario, load_scenario

app = typer.Typer(
    help="A plant that is not there: rooms, machines and devices that speak the real protocols.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

LINE_3 = Path(__file__).parent / "line-3"
PlantPath = Annotated[Path, typer.Argument(metavar="PLANT", help="Folder of a plant, or its plant.yaml.")]


@app.command()
def run(
    plant: PlantPath,
    *,
    scenario: Annotated[Path | None, typer.Option(metavar="FILE", help="What happens; nothing if absent.")] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=1000, help="Scenario seconds for one of the wall clock.")] = 1.0,
    port: Annotated[list[str] | None, typer.Option(metavar="DEVICE=NUMBER", help="Port of a device.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="For all noise; the plant's own if absent.")] = None,
    truth: Annotated[Path | None, typer.Option(metavar="FILE", help="What each sensor said, as JSON lines.")] = None,
    events: Annotated[str | None, typer.Option(metavar="FILE|-", help="What happened, as JSON lines.")] = None,
    ready_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Gets the devices' addresses as JSON when all listen.")
    ] = None,
    pty_dir: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where terminals are linked.")] = None,
    stay: Annotated[bool, typer.Option("--stay", help="Go on after the scenario's end.")] = False,
    control: Annotated[
        int | None,
        typer.Option(
            metavar="PORT", min=0, max=65535, help="Be told over HTTP on 127.0.0.1 what to do; 0: a free port."
        ),
    ] = None,
) -> None:
    """Run a plant, with a scenario or just so, until its end or Ctrl-C."""
    document, story = _documents(plant, scenario)
    if control and not is_free(control):
        raise DocumentError([f"--control {control}: the port is taken on 127.0.0.1"])
    options = runner.Options(speed, _ports(document, port or []), seed, ready_file, pty_dir, stay, control)
    console = Console(stderr=events == "-")
    with open_journal(events, truth, console) as journal:
        code = asyncio.run(runner.run(document, story, options, journal, console))
    raise typer.Exit(code)


@app.command()
def scenarios(plant: PlantPath) -> None:
    """List the scenarios of a plant."""
    document = load_plant(plant)
    table = Table("scenario", "ends at", "what happens", box=None)
    faults: list[str] = []
    for path in sorted((plant_file(plant).parent / "scenarios").glob("*.yaml")):
        try:
            story = load_scenario(path, document)
        except DocumentError as error:
            faults += error.faults
        else:
            table.add_row(path.stem, "never" if story.ends_at is None else f"{story.ends_at:g} s", story.title)
    Console().print(table)
    if faults:
        raise DocumentError(faults)


@app.command()
def batch(
    plant: Annotated[
        Path, typer.Argument(metavar="[PLANT]", help="Folder of a plant with a batch.yaml; line 3 if absent.")
    ] = LINE_3,
    *,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Gets exports/SYSTEM and truth.")],
    seed: Annotated[int, typer.Option(min=0, help="For all noise; another seed is another batch.")] = 0,
    start: Annotated[
        str | None, typer.Option(metavar="TIME", help="ISO 8601 with an offset; three weeks ago if absent.")
    ] = None,
    fault: Annotated[list[str] | None, typer.Option(metavar="F60…F72", help="What is wrong with the exports.")] = None,
    dialect: Annotated[str | None, typer.Option(help="One for all lists; each system its own if absent.")] = None,
    pace: Annotated[float, typer.Option(min=0, help="Seconds in which all is exported; 0: at once.")] = 0.0,
    recipe: Annotated[str, typer.Option(metavar="FILE", help="The recipe beside the plant.")] = "batch.yaml",
    number: Annotated[
        str | None, typer.Option(metavar="B2611101", help="Batch number; by start and seed if absent.")
    ] = None,
    running: Annotated[
        str | None, typer.Option(metavar="OP40", help="In the midst of this operation now; the rest is not exported.")
    ] = None,
) -> None:
    """Make a batch, from its order to its last test, and export it as MES, LIMS, WMS, DMS and QMS do."""
    from simulators.batch import command  # noqa: PLC0415 - a plant that runs needs nothing of it, nor of Excel

    options = command.Options(plant, seed, _time(start), fault or [], dialect, recipe, number, running)
    command.batch(options, out, pace, Console())


def _time(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError as error:
        raise DocumentError([f"--start {text}: is no time (example: 2026-03-02T00:00:00+08:00)"]) from error


def _documents(plant: Path, scenario: Path | None) -> tuple[Plant, Scenario]:
    document = load_plant(plant)
    return document, load_scenario(scenario, document) if scenario else Scenario(title="nothing happens")


def _ports(plant: Plant, given: list[str]) -> dict[str, int]:
    ports: dict[str, int] = {}
    faults: list[str] = []
    for text in given:
        name, _, number = text.partition("=")
        if number.isascii() and number.isdigit() and int(number) < 65536:
            ports[name] = int(number)
        else:
            faults.append(f"--port {text}: is not DEVICE=NUMBER with a number up to 65535")
    faults += port_faults(plant, ports)
    if faults:
        raise DocumentError(faults)
    return ports


def main() -> None:
    """Entry point: a fault in what was given is a line each on stderr and exit code 2."""
    try:
        app()
    except DocumentError as error:
        sys.stderr.write("\n".join(error.faults) + "\n")
        sys.exit(2)
    except DeviceError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except OSError as error:
        sys.stderr.write(f"{error.filename or 'cmo-sim'}: {error.strerror}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
