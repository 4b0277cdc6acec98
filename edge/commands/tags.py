"""`cmo-edge tags`: tag lists for people who keep them in a spreadsheet."""

import json
import math
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from edge.commands.arguments import ConfigFile, SourceName, loaded, refuse, source_in
from edge.tag_lists import columns_of, write_list

app = typer.Typer(no_args_is_help=True, help="Tag lists as CSV or Excel files.")


@app.callback()
def tags() -> None:
    """Tag lists as CSV or Excel files."""


@app.command()
def export(
    config: ConfigFile,
    source: SourceName,
    out: Annotated[Path, typer.Option(help="The file to write: .csv or .xlsx.")],
) -> None:
    """Write the tags of a source as the list that its `tags_file` can be."""
    chosen = source_in(loaded(config), source)
    field = type(chosen.settings).model_fields.get("tags")
    if field is None:
        refuse(f"{source}: sources of type {chosen.settings.type} have a single tag, no list")
    if out.suffix.lower() not in {".csv", ".xlsx"}:
        refuse(f"--out {out}: must end in .csv or .xlsx")
    listed: tuple[BaseModel, ...] = getattr(chosen.settings, "tags")  # noqa: B009 - the setting of some adapters only
    rows = [row_of(tag) for tag in listed]
    write_list(out, list(columns_of(field.annotation)), rows)
    typer.echo(f"{len(rows)} tags written to {out}")


def row_of(tag: BaseModel) -> dict[str, str]:
    """What is set of a tag, as cells."""
    given = tag.model_dump(exclude_unset=True)
    return {name: cell(name, content) for name, content in given.items() if content is not None}


def cell(name: str, content: Any) -> str:
    """A setting as text that reads back as the same."""
    if name == "range":
        return "..".join(_number(end) for end in content)
    match content:
        case bool():
            return str(content).lower()
        case int() | str():
            return str(content)
        case float():
            return _number(content)
        case _:
            return json.dumps(_plain(content), ensure_ascii=False).replace("NaN", ".nan").replace("Infinity", ".inf")


def _number(value: float) -> str:
    return str(int(value)) if math.isfinite(value) and value == int(value) else repr(value)


def _plain(content: Any) -> Any:
    match content:
        case dict():
            return {name: _plain(one) for name, one in content.items() if one is not None}
        case list() | tuple():
            return [_plain(one) for one in content]
        case _:
            return content
