"""The server below a simulated OPC UA device: what a real server can do to its clients can be done to it here."""

import asyncio
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from asyncua import ua
from asyncua.common.events import Event
from asyncua.common.utils import ServiceError
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.address_space import NodeData
from asyncua.server.internal_server import InternalServer
from asyncua.server.internal_session import InternalSession
from asyncua.server.server import Server
from asyncua.server.user_managers import UserManager
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes
from cryptography.x509.oid import ExtendedKeyUsageOID

from simulators.devices.opcua_space import Nodes, standard

CERTIFICATE, KEY = "server.der", "server.pem"


class _Users(UserManager):
    def __init__(self) -> None:
        self.refuses = False

    def get_user(self, iserver: Any, username: Any = None, password: Any = None, certificate: Any = None) -> Any:
        """Everybody, or nobody."""
        del iserver, username, password, certificate
        return None if self.refuses else User(role=UserRole.User)


class _Internal(InternalServer):
    refuses_sessions = False

    async def load_standard_address_space(self, shelf_file: Path | None = None) -> None:
        """One for all servers of this process."""
        del shelf_file
        nodes = Nodes(await asyncio.to_thread(standard))
        self.aspace._nodes = cast("dict[ua.NodeId, NodeData]", nodes)  # noqa: SLF001 - the library has no other way in

    def create_session(self, name: str, user: User | None = None, external: bool = False) -> InternalSession:
        """As the library does, unless there are too many already."""
        if external and self.refuses_sessions:
            raise ServiceError(StatusCodes.BadTooManySessions)
        return super().create_session(name, user or User(role=UserRole.Anonymous), external)


class LyingServer(Server):
    """asyncua's server, with its weak points in the open."""

    def __init__(self) -> None:
        self._users = _Users()
        self.internal = _Internal(user_manager=self._users)
        self.internal.bind_condition_methods = True
        super().__init__(self.internal)

    @property
    def refuses_users(self) -> bool:
        """Whether no user is let in."""
        return self._users.refuses

    @refuses_users.setter
    def refuses_users(self, refuses: bool) -> None:
        self._users.refuses = refuses

    @property
    def refuses_sessions(self) -> bool:
        """Whether there are too many sessions for another one."""
        return self.internal.refuses_sessions

    @refuses_sessions.setter
    def refuses_sessions(self, refuses: bool) -> None:
        self.internal.refuses_sessions = refuses

    async def drop_subscriptions(self) -> None:
        """All of them, behind their clients' backs."""
        service = self.internal.subscription_service
        await service.delete_subscriptions(list(service.subscriptions))

    async def cut(self) -> None:
        """Reset all connections, and take none."""
        if self.bserver is None or self.bserver._server is None:  # noqa: SLF001 - the library has no way to pause
            return
        self.bserver._server.close()  # noqa: SLF001
        for client in list(self.bserver.clients):
            if client.transport is not None:
                client.transport.abort()

    async def listen(self) -> None:
        """Take connections again."""
        if self.bserver is not None:
            await self.bserver.start()

    def forget_conditions(self) -> None:
        """ConditionRefresh then finds nothing that is retained."""
        self.internal.subscription_service._conditions.clear()  # noqa: SLF001 - the library keeps them there

    async def set_value(self, node: ua.NodeId, data: ua.DataValue, *, quietly: bool) -> None:
        """Write a value, of whatever type and status; `quietly`: reads find it, subscriptions are not told.

        The library would refuse another type, and take a Bad value away. A node that has vanished takes none.
        """
        if node not in self.internal.aspace:
            return
        known = self.internal.aspace[node].attributes[AttributeIds.Value]
        known.value, known.value_callback = data, None
        for handle, callback in () if quietly else list(known.datachange_callbacks.items()):
            await callback(handle, data)

    async def vanish(self, nodes: Sequence[ua.NodeId]) -> None:
        """Delete the nodes; subscriptions are not told."""
        for node in nodes:
            self.internal.aspace[node].attributes[AttributeIds.Value].datachange_callbacks.clear()
        await self.delete_nodes([self.get_node(node) for node in nodes])

    def sessions(self) -> int:
        """How many sessions clients have."""
        return len(self.internal._external_sessions)  # noqa: SLF001 - the library does not tell otherwise

    def condition(self, name: str, source: ua.NodeId, severity: int) -> Event:
        """The limit alarm of a variable, without its states."""
        event = Event()
        alarm = ua.NodeId(ua.String(f"{name}.Alarm"), source.NamespaceIndex)
        now, kinds = datetime.now(UTC), ua.VariantType
        for field, value, kind in (
            ("EventId", uuid4().bytes, kinds.ByteString),
            ("EventType", ua.NodeId(ua.Int32(ObjectIds.NonExclusiveLimitAlarmType)), kinds.NodeId),
            ("NodeId", alarm, kinds.NodeId),
            ("SourceNode", source, kinds.NodeId),
            ("SourceName", name, kinds.String),
            ("Time", now, kinds.DateTime),
            ("Message", ua.LocalizedText(f"{name} is beyond its limit"), kinds.LocalizedText),
            ("Severity", severity, kinds.UInt16),
            ("ConditionName", "Limit", kinds.String),
        ):
            event.add_property(field, value, kind)
        return event

    async def tell(self, event: Event) -> None:
        """To all clients that listen."""
        await self.internal.subscription_service.trigger_event(event)


async def certify(server: Server, folder: Path, uri: str) -> None:
    """Give the server a certificate of its own out of the folder; made there when it has none."""
    folder.mkdir(exist_ok=True)
    host, usage = socket.gethostname(), [ExtendedKeyUsageOID.SERVER_AUTH]
    await setup_self_signed_certificate(folder / KEY, folder / CERTIFICATE, uri, host, usage, {"commonName": "EMS"})
    await server.load_certificate(str(folder / CERTIFICATE))
    await server.load_private_key(str(folder / KEY))
