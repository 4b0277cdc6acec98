"""The connection to one OPC UA server: session, subscription, watchdog."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import structlog
from asyncua.client.client import Client
from asyncua.ua.uaerrors import UaError

from adapters.contract import SourceError, tag_table
from adapters.opcua.inbox import Inbox
from adapters.opcua.security import SecurityError, refusal, secure
from adapters.opcua.settings import OpcUaSettings
from adapters.opcua.subscribing import LIFETIME, Subscribing, TooSlowError
from adapters.opcua.values import Interpreter
from schemas.frame import Frame, TagTable
from schemas.records import GapCause

_log = structlog.get_logger(__name__)
logging.getLogger("asyncua").setLevel(logging.CRITICAL + 1)  # all it logs reaches us as an exception or as silence

_PROBE = 0.5
_CLOSING = 1.0


class OpcUaSource:
    """One OPC UA server. See `adapters.contract.Source`."""

    def __init__(self, settings: OpcUaSettings) -> None:
        self._settings = settings
        self._tags = tag_table(settings)
        self._interpreter = Interpreter(settings.tags, settings.clock_tolerance)
        self._client: Client | None = None
        self._inbox = self._new_inbox()

    @property
    def tags(self) -> TagTable:
        """All tags, in the units the server gives them in."""
        return self._tags

    async def connect(self) -> None:
        """Open a session and subscribe. A node that the server does not have is a Bad tag. Raises SourceError."""
        settings = self._settings
        self._inbox = self._new_inbox()
        self._client = client = Client(settings.endpoint, settings.timeout, watchdog_intervall=settings.silence)
        client.name = client.description = "CMO gateway"
        client.session_timeout = int(LIFETIME * 1000)
        client.connection_lost_callback = self._connection_lost
        try:
            async with asyncio.timeout(settings.timeout):
                await secure(client, settings)
                await client.connect()
                await self._subscribe(client)
        except SourceError:
            raise
        except TimeoutError as error:
            raise self._lost(GapCause.DEVICE_SILENT, f"no answer within {settings.timeout:g} s") from error
        except SecurityError as error:
            raise self._lost(GapCause.DEVICE_UNREACHABLE, str(error)) from error
        except UaError as error:
            said, pause = refusal(error)
            raise self._lost(GapCause.DEVICE_UNREACHABLE, said, pause=pause) from error
        except Exception as error:  # a malformed answer can raise anything in the library
            raise self._lost(GapCause.DEVICE_UNREACHABLE, str(error) or type(error).__name__) from error

    async def frames(self) -> AsyncIterator[Frame]:
        """One frame per publish response, until nothing comes any more."""
        while True:
            try:
                async with asyncio.timeout(max(0.0, self._inbox.heard + self._settings.silence - time.monotonic())):
                    frame = await self._inbox.next()
            except TimeoutError:
                await self._check_silence()
            except SourceError as error:
                raise self._lost(error.cause, error.detail) from error
            else:
                yield frame

    async def acknowledge(self, frame: Frame) -> None:
        """Nothing to do: a server's queue is not kept for us beyond the notification."""

    async def close(self) -> None:
        """End session and connection, without waiting long for a server that hangs."""
        client, self._client = self._client, None
        if client is None:
            return
        protocol = client.uaclient.protocol
        try:
            async with asyncio.timeout(_CLOSING):
                await client.disconnect()
        except Exception as error:  # noqa: BLE001 - whatever it is, the socket is closed below
            _log.debug("session not closed", source=self._settings.name, error=repr(error))
        finally:
            if protocol is not None and protocol.transport is not None:
                protocol.transport.abort()

    def _new_inbox(self) -> Inbox:
        settings = self._settings
        return Inbox(settings.name, self._tags, self._interpreter, grace=settings.silence)

    async def _subscribe(self, client: Client) -> None:
        try:
            await Subscribing(client, self._settings, self._interpreter, self._inbox).begin()
        except TooSlowError as error:
            raise self._lost(GapCause.OTHER, str(error)) from error

    async def _check_silence(self) -> None:
        """Raise SourceError when nothing came for too long; a read tells a dead subscription from a dead server."""
        answers = await self._answers()
        quiet = time.monotonic() - self._inbox.heard
        if quiet < self._settings.silence:  # it came while we asked
            return
        if answers:
            raise self._lost(
                GapCause.SUBSCRIPTION_LOST,
                f"nothing from the subscription for {quiet:.1f} s, though reads are answered",
            )
        raise self._lost(GapCause.DEVICE_SILENT, f"nothing for {quiet:.1f} s, and a read is not answered")

    async def _answers(self) -> bool:
        if self._client is None:
            return False
        try:
            async with asyncio.timeout(_PROBE):
                await self._client.nodes.server_state.read_value()
        except (OSError, TimeoutError, UaError):
            return False
        return True

    async def _connection_lost(self, error: Exception) -> None:
        """Called by the library when the connection is gone or the server does not answer it either."""
        cause = GapCause.DEVICE_SILENT if isinstance(error, TimeoutError) else GapCause.DEVICE_UNREACHABLE
        self._inbox.fail(cause, str(error) or "no answer to a read")

    def _lost(self, cause: GapCause, detail: str, *, pause: float = 0.0) -> SourceError:
        return SourceError(cause, f"{self._settings.endpoint}: {detail}", pause=pause)
