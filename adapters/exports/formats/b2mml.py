"""B2MML and BatchML: the documents that are known, and what one says of itself.

Versions V0401 to V0700 differ in namespaces and in some names; elements are known by their local names. The namespace
that is found is told, never demanded: an exporter may declare V0600 under a prefix that it does not use.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat  # only the first tag is read, and a DOCTYPE refused

_DOCUMENTS = (
    *("BatchInformation", "BatchProductionRecord", "OperationsPerformance", "ProductionPerformance"),
    *("MaterialInformation", "EquipmentInformation", "OperationsSchedule", "ProductionSchedule", "WorkPerformance"),
)
_VERBS = ("", "Show", "Process", "Change", "Respond", "Sync")
"""Messages with content (ISA-95.00.05); those that ask, cancel or acknowledge report nothing."""
ROOTS = frozenset(verb + document for verb in _VERBS for document in _DOCUMENTS)
_NAMESPACE = re.compile(
    r"http://www\.(?:mesa|wbf)\.org/xml/(?:B2MML|BatchML)-(V\d{4})|http://www\.mesa\.org/xml/B2MML(?!-V)"
)
_HEAD = 65_536
"""Characters in which the first tag has to end."""


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself. `version` is V0401 to V0700, or None where no namespace tells it."""

    root: str
    namespace: str | None
    declared: tuple[str, ...]
    version: str | None

    def __str__(self) -> str:
        own = f"namespace {self.namespace}" if self.namespace else "no namespace"
        return f"{self.root}, {own}, {self.version or 'version unknown'}"


def about(path: Path, encoding: str = "utf-8") -> About | None:
    """What the first tag says; None where there is none near the beginning, or a document type before it."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = lambda name, attributes: found.append((name, attributes)) if not found else None
    parser.StartDoctypeDeclHandler = _stop
    try:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            parser.Parse(file.read(_HEAD).encode(), False)
    except (expat.ExpatError, _StopError):
        pass  # what is wrong behind the first tag is told by the reader of rows
    return _about(*found[0]) if found else None


class _StopError(Exception):
    """A document type begins."""


def _stop(*given: object) -> None:
    del given
    raise _StopError


def _about(name: str, attributes: dict[str, str]) -> About:
    prefix, _, local = name.rpartition(":")
    declared = {one.partition(":")[2]: value for one, value in attributes.items() if re.match("xmlns(:|$)", one)}
    own = declared.get(prefix)
    told = [match for one in (own, *declared.values()) if one and (match := _NAMESPACE.match(one))]
    version = None if not told else told[0][1] or "V0700"
    return About(local, own, tuple(sorted(set(declared.values()))), version)
