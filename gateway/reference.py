"""The settings reference in Markdown, from the JSON Schema that pydantic makes of the models. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

Node = Mapping[str, Any]
_BOUNDS = {
    "minimum": "≥",
    "exclusiveMinimum": ">",
    "maximum": "≤",
    "exclusiveMaximum": "<",
    "minItems": "at least",
    "minLength": "at least",
}
_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "section",
}


def reference(title: str, model: type[BaseModel]) -> str:
    """A heading and a table of the model's settings, then one for each section within it."""
    schema = model.model_json_schema()
    return "\n\n".join(_tables(title, schema, schema.get("$defs", {}), "", set()))


def _tables(title: str, section: Node, known: Node, path: str, told: set[str]) -> Iterator[str]:
    """A table for the section and those within it; a section that stands in several places is told once."""
    if section["title"] in told:
        return
    told.add(section["title"])
    required = section.get("required", ())
    lines = [f"## {title}", "", _line(section.get("description", "")), ""]
    lines += ["| setting | what it takes | default | meaning |", "|---|---|---|---|"]
    inner: list[tuple[str, Node]] = []
    for name, node in section["properties"].items():
        default = "required" if name in required else _default(node)
        cells = (f"`{name}`", _takes(node, known), default, _meaning(node))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        inner += [(f"{path}{name}", part) for part in _sections(node, known)]
    yield "\n".join(lines)
    for where, part in inner:
        yield from _tables(f"`{where}`", part, known, f"{where}.", told)


def _sections(node: Node, known: Node) -> Iterator[Node]:
    """The sections that stand in a setting, through lists and alternatives."""
    if "$ref" in node:
        yield from _sections(known[node["$ref"].rpartition("/")[2]], known)
    elif "properties" in node:
        yield node
    values = (node.get("items"), node.get("additionalProperties"))
    for part in (*_alternatives(node), *(one for one in values if isinstance(one, dict))):
        yield from _sections(part, known)


def _alternatives(node: Node) -> list[Node]:
    """Also those that a setting within them tells apart."""
    return [*node.get("anyOf", ()), *node.get("oneOf", ())]


def _takes(node: Node, known: Node) -> str:
    if "$ref" in node:
        return _takes(known[node["$ref"].rpartition("/")[2]], known)
    if choices := _alternatives(node):
        return ", ".join(dict.fromkeys(_takes(part, known) for part in choices if part.get("type") != "null"))
    if "enum" in node or "const" in node:
        return ", ".join(f"`{choice}`" for choice in node.get("enum", [node.get("const")]))
    if node.get("type") == "array":
        parts = [_takes(part, known) for part in node.get("prefixItems", ())] or [_takes(node.get("items", {}), known)]
        return "list of " + ", ".join(dict.fromkeys(parts))
    bounds = " and ".join(
        f"{sign} {node[name]:g}" for name, sign in _BOUNDS.items() if name in node and node[name] != 1
    )
    return f"{_WORDS.get(node.get('type', ''), 'anything')} {bounds}".strip()


def _default(node: Node) -> str:
    default = node.get("default")
    return "" if default in (None, [], {}) or isinstance(default, dict) else f"`{default}`"


def _meaning(node: Node) -> str:
    examples = ", ".join(f"`{example}`" for example in node.get("examples", ()))
    return _line(f"{node.get('description', '')}{f' For example {examples}.' if examples else ''}")


def _line(text: str) -> str:
    return " ".join(text.partition("\n\n")[0].split())
