"""How much a server takes at once (OPC 10000-5, OperationLimitsType). Unknown and 0 mean: it does not say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

T = TypeVar("T")
MOST = 1000
"""In one call, whatever the server allows: larger answers keep a small controller busy for too long."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Most operations in one service call."""

    read: int = MOST
    translate: int = MOST
    monitor: int = MOST


_NODES = {
    "read": ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
    "translate": ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerTranslateBrowsePathsToNodeIds,
    "monitor": ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
}


async def limits_of(client: Client) -> Limits:
    """What this server takes; a value that cannot be read counts as not said. Raises UaError, OSError."""
    nodes = [ua.NodeId(ua.Int32(number)) for number in _NODES.values()]
    answers = await client.uaclient.read_attributes(nodes, AttributeIds.Value)
    said = {name: _said(answer) for name, answer in zip(_NODES, answers, strict=True)}
    return replace(Limits(), **{name: min(number, MOST) for name, number in said.items() if number})


def _said(answer: ua.DataValue) -> int:
    good = answer.StatusCode is None or answer.StatusCode.is_good()
    value = answer.Value.Value if good and answer.Value is not None else 0
    return value if isinstance(value, int) and value > 0 else 0


def parts(items: Sequence[T], size: int) -> Iterator[list[T]]:
    """The items in order, `size` at a time."""
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
