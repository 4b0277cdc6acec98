"""An OPC UA server as a monitoring system (EMS) has one: no security, string node ids, analog items with units."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, cast

from asyncua import ua
from asyncua.common.node import Node
from asyncua.server.server import Server
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from simulators.devices import Value
from simulators.ports import free_port

VARIANTS = {
    "double": ua.VariantType.Double,
    "bool": ua.VariantType.Boolean,
    "int": ua.VariantType.UInt32,
    "string": ua.VariantType.String,
}
UNITS = {"Pa": ("PAL", "Pa"), "Cel": ("CEL", "°C"), "%": ("P1", "%"), "/min": ("C94", "1/min"), "g": ("GRM", "g")}
"""UCUM code to UN/ECE Recommendation 20 code and the text shown."""
UNECE = "http://www.opcfoundation.org/UA/units/un/cefact"
WAITING = ua.StatusCode(ua.UInt32(StatusCodes.BadWaitingForInitialData))
FAILED = ua.StatusCode(ua.UInt32(StatusCodes.BadSensorFailure))
GOOD = ua.StatusCode(ua.UInt32(StatusCodes.Good))


@dataclass(frozen=True)
class Point:
    """A variable: its string node id, type, UCUM unit and range; a `double` with a unit is an AnalogItem (Part 8)."""

    id: str
    type: Literal["double", "bool", "int", "string"] = "double"
    unit: str = ""
    low: float = 0.0
    high: float = 0.0


class OpcUaDevice:
    """Serves points as `ns=2;s=<id>`, each in a folder named by the id's first part.

    A value of None is published as null with BadSensorFailure, unless `set_status` says otherwise. Before the first
    update the status is BadWaitingForInitialData.
    """

    def __init__(
        self, points: Iterable[Point], port: int = 0, path: str = "/line3/ems", namespace: str = "urn:plant:line-3:ems"
    ) -> None:
        self._points = {point.id: point for point in points}
        self._port = port
        self._path = path
        self._namespace = namespace
        self._server = Server()
        self._nodes: dict[str, ua.NodeId] = {}
        self._status: dict[str, ua.StatusCode] = {}
        self._last: dict[str, tuple[Value, datetime]] = {}

    @property
    def address(self) -> str:
        """The endpoint's URL."""
        return f"opc.tcp://127.0.0.1:{self._port}{self._path}"

    async def start(self) -> None:
        """Build the address space and listen. Raises `OSError` if the port is taken."""
        self._port = self._port or free_port()  # the endpoint's URL has to be known before the server listens
        # Endpoints and a "connection lost" are of no interest to the person who runs a simulator.
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)
        await self._server.init()
        self._server.set_endpoint(self.address)
        self._server.set_server_name("Environmental monitoring system")
        self._server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        await self._server.set_application_uri(f"{self._namespace}:server")
        index = await self._server.register_namespace(self._namespace)
        folders: dict[str, Node] = {}
        for point in self._points.values():
            name = point.id.partition(".")[0]
            if name not in folders:
                objects = self._server.nodes.objects
                browsed = ua.QualifiedName(ua.String(name), ua.UInt16(index))
                folders[name] = await objects.add_folder(ua.NodeId(ua.String(name), ua.Int16(index)), browsed)
            await self._add(point, folders[name], index)
        await self._server.start()

    async def stop(self) -> None:
        """Close all sessions and the listener."""
        await self._server.stop()

    async def update(self, values: Mapping[str, Value], at: datetime | None = None) -> None:
        """Write values by node id; `at` becomes their SourceTimestamp. Raises `KeyError` for an unknown id."""
        when = at or datetime.now(UTC)
        for point, value in values.items():
            self._last[point] = (value, when)
            await self._write(point)

    async def set_status(self, point: str, code: int | None) -> None:
        """Give a point this StatusCode at once and with every later update; None makes it Good again."""
        if code is None:
            self._status.pop(point, None)
        else:
            self._status[point] = ua.StatusCode(ua.UInt32(code))
        await self._write(point)

    async def _write(self, point: str) -> None:
        value, when = self._last.get(point, (None, datetime.now(UTC)))
        written = ua.DataValue(
            self._variant(point, value),
            StatusCode=self._status.get(point, FAILED if value is None else GOOD),
            SourceTimestamp=cast("ua.DateTime", when),  # the library takes any datetime
            ServerTimestamp=cast("ua.DateTime", datetime.now(UTC)),
        )
        await self._server.write_attribute_value(self._nodes[point], written)

    def _variant(self, point: str, value: Value) -> ua.Variant:
        return ua.Variant() if value is None else ua.Variant(value, VARIANTS[self._points[point].type])

    async def _add(self, point: Point, folder: Node, index: int) -> None:
        analog = point.type == "double" and point.unit != ""
        variant = VARIANTS[point.type]
        attributes = ua.VariableAttributes(
            DisplayName=ua.LocalizedText(ua.String(point.id)),
            DataType=ua.NodeId(ua.Int32(variant.value)),
            ValueRank=ua.ValueRank.Scalar,
            AccessLevel=ua.AccessLevel.CurrentRead.mask,
            UserAccessLevel=ua.AccessLevel.CurrentRead.mask,
        )
        kind = ObjectIds.AnalogItemType if analog else ObjectIds.BaseDataVariableType
        item = ua.AddNodesItem(
            ParentNodeId=folder.nodeid,
            ReferenceTypeId=ua.NodeId(ua.Int32(ObjectIds.HasComponent)),
            RequestedNewNodeId=ua.NodeId(ua.String(point.id), ua.Int16(index)),
            BrowseName=ua.QualifiedName(ua.String(point.id), ua.UInt16(index)),
            NodeClass=ua.NodeClass.Variable,
            NodeAttributes=attributes,
            TypeDefinition=ua.NodeId(ua.Int32(kind)),
        )
        (result,) = await self._server.iserver.isession.add_nodes([item])
        result.StatusCode.check()
        self._nodes[point.id] = result.AddedNodeId
        self._status[point.id] = WAITING
        await self._write(point.id)
        del self._status[point.id]
        if analog:
            await self._describe(point, self._server.get_node(result.AddedNodeId))

    async def _describe(self, point: Point, node: Node) -> None:
        code, shown = UNITS[point.unit]
        unit = ua.EUInformation(
            NamespaceUri=ua.String(UNECE),
            UnitId=ua.Int32(int.from_bytes(code.encode(), "big")),
            DisplayName=ua.LocalizedText(ua.String(shown)),
            Description=ua.LocalizedText(ua.String(point.unit)),
        )
        await node.add_property(0, "EURange", ua.Range(point.low, point.high))
        await node.add_property(0, "EngineeringUnits", unit)
