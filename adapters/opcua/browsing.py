"""The tree of a server, and a tag list of its variables (Browse and BrowseNext, OPC 10000-4, 5.9).

Level by level along hierarchical references, in calls that the server takes; each node once, whatever circles it is
in. The server's own diagnostics (the Server object) are left out unless they are asked for.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import cast

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.uaerrors import UaError

from adapters.opcua.described import Described, describe
from adapters.opcua.limits import Limits, limits_of, parts
from adapters.opcua.listing import node_text, row_of, shown
from adapters.opcua.nodes import resolve
from adapters.opcua.security import SecurityError, refusal, secure
from adapters.opcua.settings import OpcUaSettings
from adapters.tools import Looking, Place, ToolError, Tree

AT_ONCE = 50
"""Nodes in one Browse call: each may hold a continuation point, of which small servers have few."""
REFERENCES = 1000
"""References that a node may answer with at once."""
_CLOSING = 2.0
_SESSION = 30.0
"""Seconds after which a server drops the session of a command that was killed."""


@dataclass(slots=True)
class _Found:
    """A node on the way: its names from the top, what is below it."""

    node: ua.NodeId
    names: tuple[str, ...]
    variable: bool = False
    below: list["_Found"] = field(default_factory=list)


async def browse(settings: OpcUaSettings, looking: Looking) -> Tree:
    """What the server has. Raises ToolError; the session is closed also when cancelled."""
    async with _session(settings) as client:
        namespaces = await client.get_namespace_array()
        walk = _Walk(client, looking)
        top = _Found(_start(looking.under, namespaces), ())
        await walk.run(top)
        found = list(_flat(top))
        variables = {index: one.node for index, one in enumerate(found) if one.variable}
        limits = await limits_of(client)
        described = await describe(client, variables, limits)
        values = await _values(client, variables, limits)
        return Tree(list(_places(found, described, values, namespaces)), walk.cut)


def _start(under: str | None, namespaces: Sequence[str]) -> ua.NodeId:
    if under is None:
        return ua.NodeId(ua.Int32(ObjectIds.ObjectsFolder))
    try:
        node = resolve(under, namespaces)
    except ValueError as error:
        raise ToolError(str(error)) from error
    if node is None:
        raise ToolError(f"{under}: the server has no such namespace; it has {', '.join(namespaces)}")
    return node


class _Walk:
    """Opens a node and what is below it, level by level."""

    def __init__(self, client: Client, looking: Looking) -> None:
        self._client = client
        self._looking = looking
        self._seen: set[ua.NodeId] = {ua.NodeId(ua.Int32(ObjectIds.Server))}
        self._count = 0
        self.cut: str | None = None

    async def run(self, top: _Found) -> None:
        """Raises ToolError where the server does not have the top."""
        self._seen.discard(top.node)
        self._seen.add(top.node)
        level = [top]
        for _ in range(self._looking.depth):
            for part in parts(level, AT_ONCE):
                for parent, references in zip(part, await self._below(part), strict=True):
                    self._take(parent, references)
                self._looking.told(self._count)
                if self.cut:
                    return
            level = [one for parent in level for one in parent.below]
            if not level:
                return
        self.cut = f"not opened: {len(level)} places deeper than {self._looking.depth} levels (--depth)"

    def _take(self, parent: _Found, references: Iterable[ua.ReferenceDescription]) -> None:
        for reference in references:
            target = reference.NodeId
            node = ua.NodeId(target.Identifier, target.NamespaceIndex, target.NodeIdType)
            elsewhere = bool(getattr(target, "ServerIndex", 0))
            if elsewhere or node in self._seen or _is_property(reference):
                continue
            if self._count >= self._looking.most:
                self.cut = f"ended after {self._looking.most} places (--most); look below one of them with --under"
                return
            self._seen.add(node)
            self._count += 1
            name = str(reference.BrowseName.Name or node_text(node, ()))
            variable = reference.NodeClass == ua.NodeClass.Variable
            parent.below.append(_Found(node, (*parent.names, name), variable))

    async def _below(self, part: Sequence[_Found]) -> list[list[ua.ReferenceDescription]]:
        """The references of each node. A server that is short of continuation points is asked for one at a time."""
        answers = await self._browse([one.node for one in part])
        found = []
        for one, answer in zip(part, answers, strict=True):
            result = answer
            if result.StatusCode.name in {"BadNoContinuationPoints", "BadTooManyOperations"} and len(part) > 1:
                (result,) = await self._browse([one.node])
            if not result.StatusCode.is_good() and not one.names:
                raise ToolError(f"{node_text(one.node, ())}: the server does not open it ({result.StatusCode.name})")
            found.append(await self._rest(result))
        return found

    async def _rest(self, result: ua.BrowseResult) -> list[ua.ReferenceDescription]:
        """All references of a node, with those behind the continuation points; a point that is not used is released."""
        references = list(result.References or ())
        point = result.ContinuationPoint
        while point:
            enough = self._count + len(references) > self._looking.most
            parameters = ua.BrowseNextParameters(
                ReleaseContinuationPoints=cast("ua.Boolean", enough), ContinuationPoints=[point]
            )
            (more,) = await self._client.uaclient.browse_next(parameters)
            if enough or not more.StatusCode.is_good():
                break
            references += more.References or ()
            point = more.ContinuationPoint
        return references

    async def _browse(self, nodes: Sequence[ua.NodeId]) -> list[ua.BrowseResult]:
        parameters = ua.BrowseParameters(
            RequestedMaxReferencesPerNode=ua.Counter(REFERENCES), NodesToBrowse=[_description(node) for node in nodes]
        )
        try:
            answers: list[ua.BrowseResult] = await self._client.uaclient.browse(parameters)
        except ua.uaerrors.BadTooManyOperations:
            if len(nodes) == 1:
                raise
            return [answer for node in nodes for answer in await self._browse([node])]
        return answers


def _description(node: ua.NodeId) -> ua.BrowseDescription:
    return ua.BrowseDescription(
        NodeId=node,
        BrowseDirection=ua.BrowseDirection.Forward,
        ReferenceTypeId=ua.NodeId(ua.Int32(ObjectIds.HierarchicalReferences)),
        IncludeSubtypes=cast("ua.Boolean", True),  # the library takes any bool
        NodeClassMask=ua.UInt32(ua.NodeClass.Object | ua.NodeClass.Variable),
        ResultMask=ua.UInt32(ua.BrowseResultMask.All),
    )


def _is_property(reference: ua.ReferenceDescription) -> bool:
    """What describes another node (its unit, its range) is no tag."""
    kind = reference.TypeDefinition
    is_standard = kind is not None and kind.NamespaceIndex == 0 and kind.Identifier == ObjectIds.PropertyType
    return is_standard or bool(reference.ReferenceTypeId == ua.NodeId(ua.Int32(ObjectIds.HasProperty)))


def _flat(parent: _Found) -> Iterator[_Found]:
    for one in parent.below:
        yield one
        yield from _flat(one)


async def _values(client: Client, nodes: Mapping[int, ua.NodeId], limits: Limits) -> dict[int, ua.DataValue]:
    """The present value of each."""
    found: dict[int, ua.DataValue] = {}
    for part in parts(list(nodes), limits.read):
        answers = await client.uaclient.read_attributes([nodes[key] for key in part], AttributeIds.Value)
        found |= dict(zip(part, answers, strict=True))
    return found


def _places(
    found: Sequence[_Found],
    described: Mapping[int, Described],
    values: Mapping[int, ua.DataValue],
    namespaces: Sequence[str],
) -> Iterator[Place]:
    taken: set[str] = set()
    for index, one in enumerate(found):
        place = Place(one.names)
        if one.variable:
            about, value = described.get(index, Described()), values[index]
            row = row_of(one.names, node_text(one.node, namespaces), about, value, taken)
            place = replace(place, row=row, shown=shown(value, about))
        yield place


@asynccontextmanager
async def _session(settings: OpcUaSettings) -> AsyncIterator[Client]:
    client = Client(settings.endpoint, settings.timeout)
    client.name = client.description = "CMO gateway"
    client.session_timeout = int(_SESSION * 1000)
    try:
        async with asyncio.timeout(settings.timeout):
            await secure(client, settings)
            await client.connect()
        yield client
    except TimeoutError as error:
        raise ToolError(f"{settings.endpoint}: no answer within {settings.timeout:g} s") from error
    except (SecurityError, OSError) as error:
        raise ToolError(f"{settings.endpoint}: {error}") from error
    except UaError as error:
        raise ToolError(f"{settings.endpoint}: {refusal(error)[0]}") from error
    finally:
        protocol = client.uaclient.protocol
        with suppress(Exception):  # whatever it is, the socket is closed below
            async with asyncio.timeout(_CLOSING):
                await client.disconnect()
        if protocol is not None and protocol.transport is not None:
            protocol.transport.abort()
