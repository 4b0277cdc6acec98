"""A variable as a row of a tag list. Pure."""

import math
import re
from collections.abc import Mapping, Sequence

from asyncua import ua

from adapters.opcua.described import Described
from adapters.opcua.nodes import check_node
from schemas.units import check_unit

_NOT_IN_NAMES = re.compile(r"[\s\x00-\x1f\x7f\"',;]+")
_LONGEST = 128
_SHOWN = 40


def node_text(node: ua.NodeId, namespaces: Sequence[str]) -> str:
    """The node id with its namespace by URI where that can be written, else by index."""
    text, index = str(node.to_string()), int(node.NamespaceIndex)
    if not index:
        return text
    identifier = text.partition(";")[2]
    uri = namespaces[index] if index < len(namespaces) else ""
    return f"nsu={uri};{identifier}" if uri and ";" not in uri else f"ns={index};{identifier}"


def row_of(
    names: Sequence[str], node: str, about: Described, data: ua.DataValue, taken: set[str]
) -> Mapping[str, str] | None:
    """Name, node, unit and range; None for what cannot be a tag. The name is added to those `taken`."""
    try:
        check_node(node)
    except ValueError:
        return None
    if data.Value is not None and isinstance(data.Value.Value, list):
        return None  # which element is meant, only a person knows
    row = {"name": _unique(tag_name(names), taken), "node": node}
    if about.known and about.unit is not None and _is_unit(about.unit):
        row["unit"] = about.unit
    low, high = about.low, about.high
    if low is not None and high is not None and math.isfinite(low) and math.isfinite(high) and low < high:
        row["range"] = f"{_number(low)}..{_number(high)}"
    return row


def tag_name(names: Sequence[str]) -> str:
    """The names with dots between; one that begins with its folder's name stands for both."""
    joined = ""
    for name in names:
        cleaned = _NOT_IN_NAMES.sub("_", name).strip("_") or "_"
        joined = cleaned if not joined or cleaned.startswith(f"{joined}.") else f"{joined}.{cleaned}"
    safe = joined if joined[:1] not in {"=", "+", "-", "@"} else f"_{joined}"  # a spreadsheet would compute it
    return safe[-_LONGEST:]


def shown(data: ua.DataValue, about: Described) -> str:
    """Type, value and unit for a person; the status where it is not good."""
    unit = f" {about.unit}" if about.unit else ""
    if data.StatusCode is not None and not data.StatusCode.is_good():
        return f"{data.StatusCode.name}{unit}"
    if data.Value is None or data.Value.Value is None:
        return f"no value{unit}"
    value, kind = data.Value.Value, data.Value.VariantType.name
    if isinstance(value, list):
        return f"{kind}, array of {len(value)}: give node and index by hand"
    text = " ".join(f"{value:g}".split() if isinstance(value, float) else str(value).split())
    return f"{kind} {text[:_SHOWN]}{unit}"


def _unique(name: str, taken: set[str]) -> str:
    chosen, count = name, 1
    while chosen in taken:
        count += 1
        chosen = f"{name[: _LONGEST - 8]}-{count}"
    taken.add(chosen)
    return chosen


def _is_unit(unit: str) -> bool:
    try:
        check_unit(unit)
    except ValueError:
        return False
    return True


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
