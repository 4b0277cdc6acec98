"""Configuration files: YAML that says all of its faults at once, each with file, line and what to do.

Values may take `${NAME}` or `${NAME:-default}` from the environment, so that one file serves several lines and no
secret stands in it. A key that nobody reads is a fault: the nearest known key is named.
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

MAX_OCTETS = 8 * 1024 * 1024
MAX_DEPTH = 32
MAX_PLACES = 1_000_000
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is ten times as fast, where it was built in
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
Model = TypeVar("Model", bound=BaseModel)
Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault of a configuration."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class ConfigurationError(Exception):
    """All faults found; printing it gives a line for each."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in sorted(set(findings))))
        self.findings = sorted(set(findings))


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as plain data, with the place of every key and item."""

    file: Path
    data: Any
    places: dict[Location, tuple[str, int]]
    findings: tuple[Finding, ...] = ()
    """Faults of the file itself: doubled keys, unset variables."""

    def finding(self, location: Location, message: str) -> Finding:
        """A fault at this place, or at the nearest place above it that stands in the file."""
        while location and location not in self.places:
            location = location[:-1]
        file, line = self.places.get(location, (str(self.file), 1))
        return Finding(file, line, message)


def read(file: Path) -> Document:
    """A YAML file. Raises ConfigurationError when it cannot be read or is no YAML."""
    try:
        if file.stat().st_size > MAX_OCTETS:
            raise ConfigurationError([Finding(str(file), 1, f"larger than {MAX_OCTETS} bytes")])
        root = _composed(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigurationError([Finding(str(file), 1, f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError([Finding(str(file), 1, "is not UTF-8 text")]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise ConfigurationError([Finding(str(file), mark.line + 1 if mark else 1, f"not YAML: {problem}")]) from error
    reader = _Reader(file)
    data = {} if root is None else reader.value(root, ())
    return Document(file, data, reader.places, tuple(reader.findings))


def plain(text: str) -> Any:
    """What a YAML text of the package itself says."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - either of the two is a safe one


def _composed(text: str) -> yaml.Node | None:
    """The tree of the only document. Stops where nesting is too deep, before anything is built of it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            mark: Any = event.start_mark  # libyaml has a class of its own
            raise yaml.MarkedYAMLError(problem="too deeply nested", problem_mark=mark)
    root: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    return root


class _Reader:
    """Turns YAML nodes into plain data, noting places, doubled keys and unset variables."""

    def __init__(self, file: Path) -> None:
        self.file = str(file)
        self.places: dict[Location, tuple[str, int]] = {}
        self.findings: list[Finding] = []
        self._scalars = yaml.SafeLoader("")

    def value(self, node: yaml.Node, at: Location) -> Any:
        line = node.start_mark.line + 1
        if len(at) > MAX_DEPTH or len(self.places) > MAX_PLACES:  # an alias may name itself, or multiply
            raise ConfigurationError([Finding(self.file, line, "too deeply nested or too large")])
        self.places.setdefault(at, (self.file, line))
        if isinstance(node, yaml.MappingNode):
            return dict(self._items(node, at))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*at, index)) for index, item in enumerate(node.value)]
        try:
            return self._scalar(node)
        except (ValueError, yaml.YAMLError) as error:  # a thirteenth month, a tag that nobody knows
            told = getattr(error, "problem", None) or error
            self.findings.append(Finding(self.file, line, f"{node.value!r} cannot be read: {told}"))
            return None

    def _items(self, node: yaml.MappingNode, at: Location) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key, item in node.value:
            line = key.start_mark.line + 1
            name = str(key.value)
            if name in seen:
                self.findings.append(Finding(self.file, line, f"{name!r} stands here a second time; keep one"))
            seen.add(name)
            self.places[*at, name] = (self.file, line)
            yield name, self.value(item, (*at, name))

    def _scalar(self, node: yaml.Node) -> Any:
        if "${" not in node.value:
            return self._scalars.construct_object(node)
        text = _VARIABLE.sub(lambda found: self._variable(found, node), node.value)
        loader: Any = self._scalars
        return loader.construct_object(yaml.ScalarNode(loader.resolve(yaml.ScalarNode, text, (True, False)), text))

    def _variable(self, found: re.Match[str], node: yaml.Node) -> str:
        value = os.environ.get(found[1], found[2])
        if value is None:
            line = node.start_mark.line + 1
            self.findings.append(Finding(self.file, line, f"environment variable {found[1]} is not set"))
        return value or ""


def validate(document: Document, model: type[Model]) -> Model:
    """The document as settings. Raises ConfigurationError with every fault."""
    try:
        valid = model.model_validate(document.data, context={"folder": document.file.parent})
    except ValidationError as error:
        own = {(finding.file, finding.line) for finding in document.findings}
        others = [f for f in findings_of(error, document, model) if (f.file, f.line) not in own]
        raise ConfigurationError([*document.findings, *others]) from error
    if document.findings:
        raise ConfigurationError(document.findings)
    return valid


def findings_of(
    error: ValidationError, document: Document, model: type[BaseModel], at: Location = ()
) -> Iterator[Finding]:
    """The faults that pydantic found below `at`, in words and with places."""
    for fault in error.errors(include_url=False):
        path = fault["loc"]
        name = ".".join(str(part) for part in path)
        given = fault["input"]
        match fault["type"]:
            case "extra_forbidden":
                known = _known_keys(model, path[:-1])
                yield document.finding((*at, *path), f"unknown key {path[-1]!r}{nearest(str(path[-1]), known)}")
            case "missing":
                yield document.finding((*at, *path[:-1]), f"{name} is missing")
            case "too_short" if given:  # its items are wrong, and each is named
                continue
            case "string_pattern_mismatch":
                form = _examples(model, path) or f"that matches {fault['ctx']['pattern']}"
                yield document.finding((*at, *path), f"{name}: must be of a form like {form} (given: {given!r})")
            case _:
                message = fault["msg"].removeprefix("Value error, ")
                shown = "" if isinstance(given, dict | list) or repr(given) in message else f" (given: {given!r})"
                yield document.finding((*at, *path), f"{name}: {message}{shown}" if name else message)


def nearest(name: str, known: Sequence[str]) -> str:
    """A hint that names the nearest known word, or all of them when none is near."""
    close = get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known are {', '.join(sorted(known))}" if known else ""


def _known_keys(model: Any, path: Location) -> list[str]:
    """Keys of the model that stands at this path below `model`; empty where it cannot be told."""
    model = _annotation(model, path)
    return sorted({field.alias or name for m in _models_in(model) for name, field in m.model_fields.items()})


def _examples(model: Any, path: Location) -> str:
    """Examples of the field at this path; empty where it has none."""
    fields = [m.model_fields.get(str(path[-1])) for m in _models_in(_annotation(model, path[:-1]))]
    return next((" or ".join(map(str, field.examples)) for field in fields if field and field.examples), "")


def _annotation(model: Any, path: Location) -> Any:
    for part in path:
        fields = [m.model_fields[part] for m in _models_in(model) if isinstance(part, str) and part in m.model_fields]
        model = fields[0].annotation if fields else model
    return model


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]
