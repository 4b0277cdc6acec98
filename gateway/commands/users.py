"""`cmo-gateway user`: accounts of persons, and tokens of their programs.

A password comes from a prompt, a file or standard input, never from the arguments: those stand in the list of
processes and in the shell's history.
"""

import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gateway.access.account import Account
from gateway.access.accounts import Accounts, utc_now
from gateway.access.roles import Right, Role
from gateway.access.viewer import Scope
from gateway.commands.arguments import ConfigFile, loaded, moment_from, refuse
from gateway.settings import NodeConfiguration

USERS = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Accounts of persons who may look at the console: add, list, disable, password, unlock, token.",
)
Login = Annotated[str, typer.Argument(metavar="NAME", help="Name of the account, with which its person signs in.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(help="File with the password in its first line, `-` for standard input; else it is asked for."),
]
SECOND = 1_000_000
DAY = 86_400 * SECOND


@USERS.command()
def add(
    config: ConfigFile,
    login: Login,
    *,
    person: Annotated[str, typer.Option(help="The person's full name, as it stands in records.")],
    role: Annotated[list[Role], typer.Option(help="What the person is here; may be given several times.")],
    ends: Annotated[
        str | None, typer.Option(help="When the access ends, ISO 8601, in the plant's zone; an inspector's must.")
    ] = None,
    batch: Annotated[
        list[str] | None, typer.Option(help="Narrows an inspector to this batch; may be given several times.")
    ] = None,
    pages: Annotated[
        list[Right] | None, typer.Option(help="Narrows an inspector to these pages; may be given several times.")
    ] = None,
    password_file: PasswordFile = None,
) -> None:
    """Make an account of one person."""
    configuration = loaded(config)
    moment = None if ends is None else moment_from("--ends", ends, configuration.site.zone)
    scope = Scope(frozenset(pages) if pages else None, frozenset(batch) if batch else None)
    with closing(_accounts(configuration)) as accounts:
        made = accounts.add(login, person, role, _password(password_file), scope=scope, ends=moment)
    typer.echo(f"account made: {made.login} ({made.name}), {', '.join(sorted(made.roles))}")


@USERS.command("list")
def list_(config: ConfigFile) -> None:
    """Every account, whose it is, and whether it can be used."""
    with closing(_accounts(loaded(config))) as accounts:
        table, now = Table(box=None), utc_now()
        for column in ("name", "person", "roles", "scope", "ends", "state"):
            table.add_column(column, no_wrap=column == "name")
        for one in accounts.all():
            row = (
                one.login,
                one.name,
                ", ".join(sorted(one.roles)),
                _scope(one.scope),
                _day(one.ends),
                _state(one, now),
            )
            table.add_row(*row)
        Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False).print(table)


@USERS.command()
def disable(config: ConfigFile, login: Login) -> None:
    """Close an account; what is open with it ends within seconds. Its name is never given again."""
    with closing(_accounts(loaded(config))) as accounts:
        typer.echo(f"disabled: {accounts.disable(login).login}")


@USERS.command()
def enable(config: ConfigFile, login: Login) -> None:
    """Open a disabled account again."""
    with closing(_accounts(loaded(config))) as accounts:
        typer.echo(f"enabled: {accounts.disable(login, disabled=False).login}")


@USERS.command()
def unlock(config: ConfigFile, login: Login) -> None:
    """End the lock of an account before its time."""
    with closing(_accounts(loaded(config))) as accounts:
        typer.echo(f"unlocked: {accounts.unlock(login).login}")


@USERS.command()
def password(config: ConfigFile, login: Login, *, password_file: PasswordFile = None) -> None:
    """Give an account another password."""
    with closing(_accounts(loaded(config))) as accounts:
        typer.echo(f"password set: {accounts.set_password(login, _password(password_file)).login}")


@USERS.command()
def token(
    config: ConfigFile,
    login: Login,
    *,
    days: Annotated[float, typer.Option(min=0, max=366, help="How long it holds.")] = 90,
    drop: Annotated[bool, typer.Option(help="End all tokens of the account instead.")] = False,
) -> None:
    """Make a token, printed once, with which a program asks `/api` for its person; it can read and nothing else."""
    with closing(_accounts(loaded(config))) as accounts:
        if drop:
            typer.echo(f"tokens ended: {accounts.drop_tokens(login).login}")
        else:
            typer.echo(accounts.make_token(login, utc_now() + round(days * DAY)))


def _accounts(configuration: NodeConfiguration) -> Accounts:
    access = configuration.settings.access
    if access is None:
        refuse("the configuration has no `access:`, so the console is open to this machine and knows no accounts")
    return Accounts(access.accounts, access.lockout)


def _password(file: Path | None) -> str:
    if file is None:
        if not sys.stdin.isatty():
            refuse("there is no terminal to ask for the password; give --password-file FILE, or - for standard input")
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    try:
        text = sys.stdin.readline() if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as error:
        refuse(f"--password-file {file}: {error.strerror}")
    except UnicodeDecodeError:
        refuse(f"--password-file {file}: is not UTF-8 text")
    return text.split("\n", 1)[0].rstrip("\r")


def _scope(scope: Scope) -> str:
    return ", ".join(sorted((*(scope.rights or ()), *(f"batch {one}" for one in scope.batches or ()))))


def _day(moment: int | None) -> str:
    return "" if moment is None else f"{datetime.fromtimestamp(moment / SECOND, UTC):%Y-%m-%d %H:%MZ}"


def _state(one: Account, now: int) -> str:
    if not one.open(now):
        return "disabled" if one.disabled else "ended"
    return "open" if one.locked is None or one.locked <= now else f"locked until {_day(one.locked)}"
