"""The connection to one OPC UA server: session, subscription, watchdog."""

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Coroutine, Iterator

import structlog
from asyncua.client.client import Client
from asyncua.crypto.security_policies import SecurityPolicyNone
from asyncua.ua.uaerrors import UaError

from adapters.contract import Report, SourceError, tag_table
from adapters.opcua.backfill import Backfill
from adapters.opcua.comparing import compare
from adapters.opcua.conditions import Conditions
from adapters.opcua.fast.publishing import Publishing
from adapters.opcua.fast.takeover import misfit, take_over
from adapters.opcua.inbox import Inbox
from adapters.opcua.ledger import Ledger
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
        self._ledger = Ledger(settings.name, self._tags)
        self._backfill = Backfill(settings.name, self._tags, self._interpreter, self._ledger, settings.silence)
        self._conditions = Conditions(settings.name, settings.events.min_severity if settings.events else 1)
        self._client: Client | None = None
        self._beside: list[asyncio.Task[None]] = []
        self._inbox = self._new_inbox()

    @property
    def tags(self) -> TagTable:
        """All tags, in the units the server gives them in."""
        return self._tags

    async def connect(self) -> None:
        """Open a session and subscribe. A node that the server does not have is a Bad tag. Raises SourceError."""
        settings = self._settings
        self._inbox = self._new_inbox()
        self._ledger.broke()
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
            said = str(error) or type(error).__name__
            if isinstance(error, ConnectionError) and client.security_policy.URI != SecurityPolicyNone.URI:
                said += " while the protected channel was opened; if it stays so, trust our certificate at the server"
            raise self._lost(GapCause.DEVICE_UNREACHABLE, said) from error

    async def frames(self) -> AsyncIterator[Report]:
        """One frame per publish response, until nothing comes any more; the rest in between."""
        while True:
            try:
                async with asyncio.timeout(max(0.0, self._inbox.heard + self._settings.silence - time.monotonic())):
                    report = await self._inbox.next()
            except TimeoutError:
                await self._check_silence()
            except SourceError as error:
                raise self._lost(error.cause, error.detail) from error
            else:
                gap = self._ledger.saw(report) if isinstance(report, Frame) else None
                yield report
                if gap is not None:
                    yield gap

    async def acknowledge(self, frame: Frame) -> None:
        """The server may forget the notifications that the frame is made of."""
        self._inbox.acknowledge(frame)

    async def close(self) -> None:
        """End session and connection, without waiting long for a server that hangs."""
        client, self._client = self._client, None
        if client is None:
            return
        beside, self._beside = self._beside, []
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
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
        return Inbox(
            settings.name,
            self._tags,
            self._interpreter,
            self._conditions,
            grace=settings.silence,
            coalesce=settings.coalesce,
        )

    def _go_fast(self, client: Client) -> None:
        """Take over from the library what it publishes, where it is as that needs it."""
        settings = self._settings
        if (reason := misfit(client)) is not None:
            _log.warning("fast path off; the client library is not as expected", source=settings.name, reason=reason)
            return
        at_once = math.ceil(settings.coalesce / settings.publishing_interval)  # come in the time of one frame
        requests = max(settings.publish_requests, 2 * at_once)
        take_over(client, Publishing(client, self._inbox, settings.name, requests).run)

    async def _subscribe(self, client: Client) -> None:
        if self._settings.fast:
            self._go_fast(client)
        subscribing = Subscribing(client, self._settings, self._interpreter, self._inbox)
        try:
            await subscribing.begin()
        except TooSlowError as error:
            raise self._lost(GapCause.OTHER, str(error)) from error
        self._beside = [asyncio.create_task(work) for work in self._works(client, subscribing)]

    def _works(self, client: Client, subscribing: Subscribing) -> Iterator[Coroutine[None, None, None]]:
        """What goes on beside the subscription, over the same connection."""
        settings, nodes, inbox = self._settings, subscribing.nodes, self._inbox
        if settings.history:
            yield self._backfill.run(client, nodes, inbox)
        if settings.events is not None:
            yield self._conditions.keep_fresh(client, subscribing.subscription, inbox.tell)
        if settings.compare:
            plain = {row: node for row, node in nodes.items() if not settings.tags[row].has_deadband}
            wait = max(settings.silence, 2 * (settings.publishing_interval + settings.sampling_interval))
            yield compare(client, plain, inbox, self._tags.names, interval=settings.compare, wait=wait)

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
