"""YAML documents read into pydantic models; every fault is one line that says where and what.

A person who mistypes three keys wants to hear of all three at once, with the line in the file, so the document is
parsed twice from one text: as data for the model, and as nodes that remember their lines.
"""

import difflib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

Loc = tuple[int | str, ...]
"""Where in a document: the keys and indices that lead there."""

Fault = tuple[Loc, str]
"""A fault that a check found: where, and what to say about it."""


class Strict(BaseModel):
    """A part of a document: unknown keys are refused, values don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


FEW = 12
"""Known words that are still listed in a message."""
Model = TypeVar("Model", bound=BaseModel)


class DocumentError(Exception):
    """A document that can't be used; `faults` has one line for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load(path: Path, model: type[Model], check: Callable[[Model], list[Fault]] | None = None) -> Model:
    """Read a YAML file as `model`; `check` adds faults that only the whole document shows.

    Keys that it does not have are taken from the file that its key `like` names, if there is one. Raises
    `DocumentError` with every fault found.
    """
    data, root = _parse(path)
    if isinstance(data, dict) and "like" in data:
        other, _ = _parse(path.parent / str(data.pop("like")))
        data = {**other, **data}
    faults = [(loc, f"key {key!r} stands twice") for loc, key in _repeated(root, ())]
    if not faults:
        try:
            document = model.model_validate(data)
        except ValidationError as error:
            faults = _explain(error, model)
        else:
            faults = check(document) if check else []
            if not faults:
                return document
    raise DocumentError([f"{path}:{_line(root, loc)}: {_where(loc)}{text}" for loc, text in faults])


def _parse(path: Path) -> tuple[Any, yaml.Node | None]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DocumentError([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise DocumentError([f"{path}: is not UTF-8 text (byte {error.start})"]) from error
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        return (loader.construct_document(root) if root else None), root
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DocumentError([f"{path}:{line}: not YAML: {error.problem}"]) from error
    except yaml.YAMLError as error:
        raise DocumentError([f"{path}: not YAML: {error}".replace("\n", " ")]) from error
    finally:
        loader.dispose()


def _repeated(node: yaml.Node | None, loc: Loc) -> Iterator[tuple[Loc, str]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            here = (*loc, key.value)
            if key.value in seen:
                yield here, key.value
            seen.add(key.value)
            yield from _repeated(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _repeated(value, (*loc, index))


def _explain(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    known = _known_keys(model)
    faults: list[Fault] = []
    for detail in error.errors():
        loc, kind = detail["loc"], detail["type"]
        if kind == "extra_forbidden":
            text = f"unknown key{nearest(str(loc[-1]), known)}"
        elif kind == "missing":
            text = "is missing"
        else:
            text = f"{detail['msg']} (found {detail['input']!r:.60})"
        faults.append((loc, text))
    return faults


def nearest(word: str, known: list[str]) -> str:
    """Return `; did you mean 'x'?` when a known word is near, else the known words if they are few."""
    turned = [name for name in known if sorted(name) == sorted(word)]  # letters or sides exchanged
    match = turned or difflib.get_close_matches(word, known, n=1)
    if match:
        return f"; did you mean {match[0]!r}?"
    return f"; there are {', '.join(known)}" if 0 < len(known) <= FEW else ""


def _known_keys(model: type[BaseModel]) -> list[str]:
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return sorted({key for part in parts for key in part.get("properties", {})})


def _line(node: yaml.Node | None, loc: Loc) -> int:
    """Line of the innermost node that `loc` names; parts that aren't in the text (union tags) are passed over."""
    line = node.start_mark.line + 1 if node else 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            for key, value in reversed(node.value):
                if key.value == str(part):
                    node, line = value, key.start_mark.line + 1
                    break
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line


def _where(loc: Loc) -> str:
    return ".".join(str(part) for part in loc) + ": " if loc else ""
