"""A program as a table of its commands: a call loads the module of the command that is called, and no other.

The libraries of all commands together take a second or two to load, and 100 MB; most commands need few of them.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_command, get_group

from gateway.running import Exit, complain
from schemas.errors import ToldError

Table = Mapping[str, tuple[str, str]]
"""By name of the command: `module:name` of its function or of its group of commands, and its line in the help."""


class _Later(TyperCommand):
    """Stands for a command in the help; its callback gives the command itself."""

    def make_context(self, *args: Any, **more: Any) -> Any:
        load: Any = self.callback
        return load().make_context(*args, **more)


def program(text: str, package: str, commands: Table) -> typer.Typer:
    """The program with these commands, whose modules stand in the package; `text` is what it says of itself."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=text)
    for name, (place, line) in commands.items():
        app.command(name, cls=_Later, help=line)(_loader(f"{package}.{place}"))
    return app


def _loader(place: str) -> Callable[[], Any]:
    def load() -> Any:
        found = found_at(place)
        if isinstance(found, typer.Typer):
            return get_group(found)
        alone = typer.Typer(add_completion=False)
        alone.command()(found)
        return get_command(alone)

    return load


def found_at(place: str) -> Any:
    """What stands at `module:name`."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def call(name: str, app: typer.Typer) -> None:
    """Run the program of that name with the arguments of the process. Faults that are not its own are a line each."""
    try:
        app()
    except* (ToldError, OSError) as group:
        for error in _leaves(group):
            complain(f"{name}: {error}")
    sys.exit(Exit.FAILED)  # here is who told a fault: the end of a command ends the process by itself


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error
