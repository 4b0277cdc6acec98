"""`cmo-edge browse`: what a server has, as a tree, and as a tag list."""

import asyncio
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text
from rich.tree import Tree as RichTree

from adapters.contract import SourceSettings
from adapters.registry import adapter
from adapters.tools import Looking, Place, ToolError, Tree
from edge.commands.arguments import refuse
from edge.tag_lists import write_list
from gateway.running import Exit, complain, until_stopped

COLUMNS = ("name", "node", "unit", "range")
PATIENCE = 15.0
"""Seconds for the connection: key agreement with a small controller takes some."""


def browse(
    url: Annotated[str, typer.Argument(metavar="URL", help="The server, for example opc.tcp://10.20.3.7:4840.")],
    *,
    under: Annotated[str | None, typer.Option(help="Node id to begin at; the Objects folder where left out.")] = None,
    match: Annotated[str | None, typer.Option(help="Only tags whose name or node fits, for example '*.DP.*'.")] = None,
    depth: Annotated[int, typer.Option(help="Levels to open.", min=1, max=64)] = 12,
    most: Annotated[int, typer.Option(help="Places to find at most.", min=1, max=1_000_000)] = 20_000,
    policy: Annotated[str | None, typer.Option(help="Security policy; without it the connection is open.")] = None,
    mode: Annotated[str, typer.Option(help="sign or sign-and-encrypt.")] = "sign-and-encrypt",
    certificate: Annotated[Path | None, typer.Option(help="Our certificate; needed with --policy.")] = None,
    private_key: Annotated[Path | None, typer.Option(help="Its private key.")] = None,
    trust: Annotated[Path | None, typer.Option(help="Folder of trusted server certificates.")] = None,
    user: Annotated[str | None, typer.Option(help="User name; needs --policy.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="File that holds the user's password.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the tag list here (.csv or .xlsx).")] = None,
) -> None:
    """Show the tree of an OPC UA server, then its variables as a list that `tags_file` takes."""
    security: Any = "none"
    if policy is not None:
        files = {"certificate": certificate, "private_key": private_key, "trust": trust}
        security = {"policy": policy, "mode": mode} | {name: file for name, file in files.items() if file is not None}
    elif any((certificate, private_key, trust)):
        refuse("--certificate, --private-key and --trust are for a protected connection: name its --policy")
    who = None if user is None else {"name": user, "password_file": password_file}
    settings = _settings(url, security, who)
    found = _browsed(settings, Looking(under, depth, most))
    places = list(matching(found.places, match))
    rows = [dict(place.row) for place in places if place.row is not None]
    Console().print(tree_of(url, places))
    if found.cut:
        typer.echo(f"# not all is shown: {found.cut}")
    if out is not None:
        write_list(out, COLUMNS, rows)
        typer.echo(f"{len(rows)} tags written to {out}; check unit and range of each before they are read")
    elif rows:
        write_list(None, COLUMNS, rows)


def _settings(url: str, security: Any, user: Any) -> SourceSettings:
    given = {
        "type": "opcua", "name": "browse", "endpoint": url, "security": security, "user": user, "timeout": PATIENCE,
        "tags": [{"name": "state", "node": "i=2259"}],
    }  # fmt: skip
    try:
        return adapter("opcua").settings.model_validate(given)
    except ValidationError as error:
        refuse(_fault(error))


def _fault(error: ValidationError) -> str:
    """The first fault, by the option that it is in."""
    faults = [one for one in error.errors(include_url=False) if "literal['none']" not in one["loc"]]
    path, text = faults[0]["loc"], faults[0]["msg"].removeprefix("Value error, ")
    match path[0] if path else "":
        case "endpoint":
            return "URL: must be of a form like opc.tcp://10.20.3.7:4840"
        case "security" if len(path) > 2:
            return f"--{str(path[-1]).replace('_', '-')}: {text}"
        case "security":
            return f"--policy: {text}"
        case "user":
            return f"--user: {text}"
    return text


def _browsed(settings: SourceSettings, looking: Looking) -> Tree:
    look = adapter("opcua").tools.browse
    if look is None:
        raise ToolError("OPC UA cannot be browsed by this version")
    found: list[Tree] = []
    errors = Console(stderr=True)

    async def browsing() -> None:
        with errors.status("connecting") as status:
            told = Looking(
                looking.under, looking.depth, looking.most, lambda count: status.update(f"{count} places found")
            )
            found.append(await look(settings, told))

    asyncio.run(until_stopped(browsing()))
    if not found:
        complain("cmo-edge: stopped; the session is closed")
        raise typer.Exit(Exit.FAILED)
    return found[0]


def matching(places: Sequence[Place], pattern: str | None) -> Iterator[Place]:
    """The tags that fit, and the folders on the way to them; all where there is no pattern."""
    if pattern is None:
        yield from places
        return
    fitting = [place for place in places if _fits(place, pattern)]
    wanted = {place.names[:depth] for place in fitting for depth in range(1, len(place.names))}
    chosen = set(map(id, fitting))
    for place in places:
        if id(place) in chosen:
            yield place
        elif place.names in wanted:
            yield Place(place.names)


def _fits(place: Place, pattern: str) -> bool:
    row = place.row
    return row is not None and (fnmatchcase(row["name"], pattern) or fnmatchcase(row["node"], pattern))


def tree_of(top: str, places: Sequence[Place]) -> RichTree:
    """For a terminal. Names come from the server, so they are text and never markup."""
    root = RichTree(Text(top), guide_style="dim")
    branches: dict[tuple[str, ...], RichTree] = {(): root}
    for place in places:
        parent = branches.get(place.names[:-1], root)
        label = Text(_printable(place.names[-1]))
        if place.shown:
            label.append(f"  {_printable(place.shown)}", style="dim")
        branches[place.names] = parent.add(label)
    return root


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "·" for letter in text)
