"""An OPC UA server as a monitoring system (EMS) has one: string node ids, analog items with units, history, alarms.

It can be made to lie in every way of the fault catalogue (`opcua_lies.py`).
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast

from asyncua import ua
from asyncua.common.events import Event
from asyncua.common.node import Node
from asyncua.server.history import HistoryManager
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

from simulators.devices import Value
from simulators.devices.opcua_history import Historian
from simulators.devices.opcua_lies import DEEDS, LIES, VALUES, Told
from simulators.devices.opcua_server import LyingServer, certify
from simulators.ports import free_port

VARIANTS = {
    "double": ua.VariantType.Double,
    "bool": ua.VariantType.Boolean,
    "int": ua.VariantType.UInt32,
    "string": ua.VariantType.String,
}
UNITS = {"Pa": ("PAL", "Pa"), "Cel": ("CEL", "°C"), "%": ("P1", "%"), "/min": ("C94", "1/min"), "g": ("GRM", "g")}
"""UCUM code to UN/ECE Recommendation 20 code and the text shown."""
STOPPING = 3.0
"""Seconds that a server has to stop before another takes its place."""
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
        self,
        points: Iterable[Point],
        port: int = 0,
        path: str = "/line3/ems",
        namespace: str = "urn:plant:line-3:ems",
        *,
        history: int = 0,
        keys: Path | None = None,
        limits: Mapping[str, float] | None = None,
    ) -> None:
        """`history`: how many values of each point are kept; `keys`: a folder, for a server that can encrypt;
        `limits`: values below which a point raises an alarm, which is over when it is back.
        """
        self._points = {point.id: point for point in points}
        self._port = port
        self._path = path
        self._namespace = namespace
        self._keys = keys
        self._historian = Historian(history)
        self._server = LyingServer()
        self._lies: set[str] = set()
        self._swallowed: set[str] = set()
        self._limits = dict(limits or {})
        self._below: set[str] = set()
        self._alarms: dict[str, Event] = {}
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
        self._server.internal.history_manager = cast("HistoryManager", self._historian)  # it is asked the same way
        await self._server.init()
        self._server.set_endpoint(self.address)
        self._server.set_server_name("Environmental monitoring system")
        await self._server.set_application_uri(f"{self._namespace}:server")
        policies = [ua.SecurityPolicyType.NoSecurity]
        if self._keys is not None:
            await certify(self._server, self._keys, f"{self._namespace}:server")
            policies.append(ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt)
        self._server.set_security_policy(policies)
        if "F02" in self._lies:
            await self._server.register_namespace(f"{self._namespace}:new")
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
            self._historian.record(point, _data(self._told(point)))
            await self._write(point)
            await self._watch(point, value)

    async def _watch(self, point: str, value: Value) -> None:
        """Raise and end the alarm on a limit."""
        if point not in self._limits or value is None:
            return
        below = float(value) < self._limits[point]
        if below != (point in self._below):
            (self._below.add if below else self._below.discard)(point)
            await self.alarm(point, active=below, acknowledged=not below)

    async def set_status(self, point: str, code: int | None) -> None:
        """Give a point this StatusCode at once and with every later update; None makes it Good again."""
        if code is None:
            self._status.pop(point, None)
        else:
            self._status[point] = ua.StatusCode(ua.UInt32(code))
        await self._write(point)

    async def lie(self, name: str, *, on: bool = True) -> None:
        """Begin or end a behaviour of the fault catalogue. Raises `ValueError` for an unknown name."""
        if name not in LIES:
            raise ValueError(f"no lie is called {name}; there are {', '.join(LIES)}")
        (self._lies.add if on else self._lies.discard)(name)
        if name in DEEDS:
            await self._do(name, on=on)
        elif not on:
            for point in self._last:
                await self._write(point)

    async def _do(self, name: str, *, on: bool) -> None:
        server = self._server
        match name:
            case "F01" if on:
                await server.drop_subscriptions()
            case "F03":
                await (server.cut() if on else server.listen())
            case "F08":
                self._historian.lying = on
            case "F09" if on:
                server.forget_conditions()
            case "F02" | "F10":
                await self._restart(new_certificate=name == "F10")
            case "F11":
                server.refuses_users = on
            case "F12":
                await (server.vanish([*self._nodes.values()]) if on else self._restart())
            case "F12-sessions":
                server.refuses_sessions = on

    async def _restart(self, *, new_certificate: bool = False) -> None:
        """A new server at the same place, with the values, history and alarms of the old one."""
        await self._server.cut()
        with suppress(TimeoutError):  # the library can wait for ever for a client that was about to connect
            async with asyncio.timeout(STOPPING):
                await self._server.stop()
        if new_certificate and self._keys is not None:
            for file in self._keys.iterdir():
                file.unlink()
        self._server = LyingServer()
        await self.start()
        for point in self._last:
            await self._write(point)
        for event in self._alarms.values():
            await self._server.tell(event)

    async def alarm(self, point: str, *, active: bool, acknowledged: bool = False, severity: int = 700) -> None:
        """Say that the limit alarm of a point is active or not (OPC 10000-9); over when inactive and acknowledged."""
        event = self._server.condition(point, self._nodes[point], severity)
        event.add_property("ActiveState/Id", active, ua.VariantType.Boolean)
        event.add_property("AckedState/Id", acknowledged, ua.VariantType.Boolean)
        event.add_property("Retain", active or not acknowledged, ua.VariantType.Boolean)
        self._alarms[point] = event
        await self._server.tell(event)

    def clients(self) -> int:
        """How many sessions clients have."""
        return self._server.sessions()

    async def _write(self, point: str) -> None:
        told = self._told(point)
        if "F13" in self._lies and point not in self._swallowed:
            self._swallowed.add(point)
            return
        self._swallowed.discard(point)
        for name, lie in VALUES.items():
            told = lie(told) if name in self._lies else told
        await self._server.set_value(self._nodes[point], _data(told), quietly="F01-frozen" in self._lies)

    def _told(self, point: str) -> Told:
        value, when = self._last.get(point, (None, datetime.now(UTC)))
        status = self._status.get(point, FAILED if value is None else GOOD)
        return Told(self._variant(point, value), int(status.value), when)

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


def _data(told: Told) -> ua.DataValue:
    return ua.DataValue(
        told.value,
        StatusCode=ua.StatusCode(ua.UInt32(told.status)),
        SourceTimestamp=cast("ua.DateTime", told.time),  # the library takes any datetime
        ServerTimestamp=cast("ua.DateTime", datetime.now(UTC)),
    )
