"""A program as a table of commands: the right one runs, nothing else is loaded, faults are a line each."""

import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import edge.cli
import gateway.cli
from gateway.program import call, found_at, program
from schemas.errors import ToldError

HERE = {
    "hello": ("fine:hello", "Greets."),
    "broken": ("fine:broken", "Finds a fault."),
    "several": ("fine:several", "Finds two faults at once."),
    "wrong": ("fine:wrong", "Has a fault of its own."),
    "more": ("fine:more", "Has commands."),
    "absent": ("nowhere:absent", "Cannot be loaded."),
}
FINE = '''
import asyncio
import typer
from schemas.errors import ToldError

more = typer.Typer(no_args_is_help=True)

@more.command("one")
def one(name: str) -> None:
    """One of them."""
    typer.echo(f"one {name}")

def hello(name: str, *, loud: bool = False) -> None:
    """Greets, at length."""
    typer.echo(name.upper() if loud else name)

def broken() -> None:
    """Raises."""
    raise ToldError("the door is open")

def wrong() -> None:
    """Raises."""
    raise KeyError("mine")

def several() -> None:
    """Raises in tasks."""
    async def failing(error):
        raise error
    async def both():
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(failing(ToldError("the door is open")))
            tasks.create_task(failing(FileNotFoundError(2, "no such file", "a.txt")))
    asyncio.run(both())
'''


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[typer.Typer]:
    (tmp_path / "greetings").mkdir()
    (tmp_path / "greetings" / "fine.py").write_text(FINE)
    monkeypatch.syspath_prepend(tmp_path)
    yield program("A program.", "greetings", HERE)
    for name in [name for name in sys.modules if name.partition(".")[0] == "greetings"]:
        del sys.modules[name]


def test_a_command_runs_with_its_own_options_and_help(app: typer.Typer) -> None:
    """As if it stood in the program itself."""
    runner = CliRunner()
    assert runner.invoke(app, ["hello", "you", "--loud"]).output == "YOU\n"
    assert runner.invoke(app, ["more", "one", "two"]).output == "one two\n"
    helped = runner.invoke(app, ["hello", "--help"])
    assert helped.exit_code == 0
    assert "Greets, at length." in helped.output
    assert "--loud" in helped.output
    assert runner.invoke(app, ["hello"]).exit_code == 2


def test_the_help_of_all_loads_none(app: typer.Typer) -> None:
    """Nor does a name that is misspelt, which gets a proposal."""
    runner = CliRunner()
    helped = runner.invoke(app, ["--help"])
    assert helped.exit_code == 0
    assert all(name in helped.output and line in helped.output for name, (_, line) in HERE.items())
    assert "Did you mean 'hello'?" in runner.invoke(app, ["helo"]).output
    assert not [name for name in sys.modules if name.startswith("greetings")]


def test_faults_that_are_not_the_programs_are_a_line_each(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also those that tasks ran into together. Its own are not hidden."""
    for command, lines in (
        ("broken", {"its: the door is open"}),
        ("several", {"its: the door is open", "its: [Errno 2] no such file: 'a.txt'"}),
    ):
        monkeypatch.setattr(sys, "argv", ["its", command])
        with pytest.raises(SystemExit) as ended:
            call("its", app)
        assert ended.value.code == 1
        assert set(capsys.readouterr().err.splitlines()) == lines
    monkeypatch.setattr(sys, "argv", ["its", "wrong"])
    with pytest.raises(KeyError):
        call("its", app)


@pytest.mark.parametrize(
    ("package", "table"),
    [("edge.commands", edge.cli.COMMANDS), ("gateway.commands", gateway.cli.COMMANDS)],
)
def test_the_lines_of_help_are_what_the_commands_say_of_themselves(
    package: str, table: dict[str, tuple[str, str]]
) -> None:
    """The first paragraph of each."""
    for place, line in table.values():
        found = found_at(f"{package}.{place}")
        text = str(found.info.help) if isinstance(found, typer.Typer) else inspect.getdoc(found) or ""
        assert " ".join(text.partition("\n\n")[0].split()) == line


def test_every_error_that_ends_a_command_is_one_that_is_told() -> None:
    """Where it is not, a person would see a traceback."""
    places = (
        "adapters.tools:ToolError", "edge.control:ControlError", "gateway.archive.archive:ArchiveError",
        "gateway.bundle.contents:BundleError", "gateway.console.serving:PortTakenError",
        "gateway.journal.entries:JournalError", "gateway.link.whole:UnreachableError",
        "gateway.proof.keys:KeyFileError",
    )  # fmt: skip
    assert all(issubclass(found_at(place), ToldError) for place in places)


def test_everyday_commands_load_no_library_that_they_do_not_need() -> None:
    """Those of a protocol come with the first source of it, those of archive and pages with the node."""
    everyday = (
        *("edge.cli", "edge.commands.run", "edge.commands.check", "edge.commands.status", "edge.commands.map"),
        *("gateway.cli", "gateway.commands.check", "gateway.commands.keys", "gateway.commands.proofs"),
    )
    heavy = ("asyncua", "duckdb", "fastapi", "nicegui", "pymodbus", "reportlab", "sqlalchemy", "asyncssh")
    code = f"import sys, {', '.join(everyday)}; print(*[name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == []
