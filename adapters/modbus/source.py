"""The connection to one Modbus TCP device: scan after scan, one request at a time."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator

import structlog
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from adapters.contract import SourceError, now, tag_table
from adapters.modbus.answer import Failure, exception, mismatch
from adapters.modbus.plan import Block, halves, plan
from adapters.modbus.scan import Image, Scan
from adapters.modbus.settings import ModbusSettings
from schemas.frame import Frame, TagTable
from schemas.records import GapCause
from schemas.status import Reason, StatusCode

_log = structlog.get_logger(__name__)
logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)  # all it logs reaches us as an exception

_BUSY_PAUSE = 0.05


class WrongAnswerError(Exception):
    """The device answered something that is no answer to the request."""


class ModbusSource:
    """One Modbus TCP device. See `adapters.contract.Source`."""

    def __init__(self, settings: ModbusSettings) -> None:
        self._settings = settings
        self._tags = tag_table(settings)
        self._scan = Scan(settings, self._tags)
        self._plan = plan(self._scan.spans, settings.limits)
        self._client: AsyncModbusTcpClient | None = None
        self._request = b""
        self._heard = 0.0
        self._failures: set[str] = set()
        self._first: Frame | None = None

    @property
    def tags(self) -> TagTable:
        """All tags, in the units the device gives them in."""
        return self._tags

    async def connect(self) -> None:
        """Connect and scan once. Raises SourceError when nothing at all was answered."""
        self._plan = plan(self._scan.spans, self._settings.limits)
        self._heard = began = time.monotonic()
        await self._open()
        self._first = await self._pass()
        if self._heard == began:
            seen = "; ".join(sorted(self._failures))
            raise self._lost(GapCause.DEVICE_SILENT, f"accepts the connection but answers no request ({seen})")

    async def frames(self) -> AsyncIterator[Frame]:
        """One frame per scan, on time; a scan that takes longer than the interval skips the ones it missed."""
        frame = self._first or await self._pass()
        due = time.monotonic()
        while True:
            given = time.monotonic()
            yield frame
            self._heard += time.monotonic() - given  # the agent, not the device, kept us waiting
            due = max(due + self._settings.poll_interval, time.monotonic())
            await asyncio.sleep(due - time.monotonic())
            frame = await self._pass()

    async def acknowledge(self, frame: Frame) -> None:
        """Nothing to do: registers hold the present, not a queue."""

    async def close(self) -> None:
        """Close the connection."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def _pass(self) -> Frame:
        """One scan. A block whose addresses are refused is read in halves, until only the wrong tag is left out."""
        image = Image()
        pending = deque(self._plan)
        kept: list[Block] = []
        failures: set[str] = set()
        while pending:
            block = pending.popleft()
            answer = await self._read(block)
            if isinstance(answer, Failure) and answer.is_refused and len(block.spans) > 1:
                pending.extendleft(reversed(halves(block)))
                continue
            kept.append(block)
            if isinstance(answer, Failure):
                image.fail(block, answer)
                failures.add(f"{block.table} {block.start} to {block.start + block.count - 1}: {answer.text}")
            else:
                image.put(block, answer)
        self._plan = kept
        self._check_silence()
        self._log_changes(failures)
        return self._scan.frame(image, now())

    async def _read(self, block: Block) -> list[int] | Failure:
        """The block's registers or bits, asking again while the device is busy."""
        for _ in range(self._settings.busy_retries):
            answer = await self._ask(block)
            if not isinstance(answer, Failure) or not answer.is_busy:
                return answer
            await asyncio.sleep(_BUSY_PAUSE)
        return await self._ask(block)

    async def _ask(self, block: Block) -> list[int] | Failure:
        """One request, one answer, or why there was none. After anything but a whole answer the connection is new."""
        client = await self._open()
        left = self._heard + self._settings.silence - time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, min(self._settings.timeout, left))):
                pdu = await self._send(client, block)
        except WrongAnswerError as error:
            await self.close()
            return Failure(StatusCode.BAD_COMMUNICATION_ERROR, Reason.COMM, str(error))
        except (TimeoutError, ModbusException, OSError):
            await self.close()  # a late answer must not meet the next request
            self._check_silence()
            return Failure(StatusCode.BAD_TIMEOUT, Reason.COMM, "no answer")
        answer: list[int] | Failure = exception(pdu.exception_code) if pdu.isError() else _content(pdu, block)
        if not isinstance(answer, Failure) or answer.is_sign_of_life:
            self._heard = time.monotonic()
        return answer

    async def _send(self, client: AsyncModbusTcpClient, block: Block) -> ModbusPDU:
        read = {
            "holding": client.read_holding_registers,
            "input": client.read_input_registers,
            "coil": client.read_coils,
            "discrete": client.read_discrete_inputs,
        }[block.table]
        return await read(block.start, count=block.count, device_id=self._settings.unit)

    async def _open(self) -> AsyncModbusTcpClient:
        """The open connection, or a new one. Raises SourceError."""
        if self._client is not None and self._client.connected:
            return self._client
        await self.close()
        settings = self._settings
        self._client = client = AsyncModbusTcpClient(
            settings.host,
            port=settings.port,
            timeout=settings.timeout,
            retries=0,
            reconnect_delay=0,
            trace_packet=self._inspect,
            trace_connect=self._connection_changed,
        )
        if not await client.connect():
            raise self._lost(GapCause.DEVICE_UNREACHABLE, "does not accept the connection")
        return client

    def _inspect(self, sending: bool, data: bytes) -> bytes:
        """Every packet passes here: what is no answer to the request never reaches the library's decoder."""
        if sending:
            self._request = data
            return data
        wrong = mismatch(self._request, data)
        if wrong is None:
            return data
        self._give_up(wrong)
        return b""

    def _connection_changed(self, connected: bool) -> None:
        """The library would wait out the timeout on a connection that the device has closed."""
        if not connected:
            self._give_up("the device closed the connection")

    def _give_up(self, text: str) -> None:
        """End the wait for an answer that will not come."""
        waiting = None if self._client is None else self._client.ctx.response_future
        if waiting is not None and not waiting.done():
            waiting.set_exception(WrongAnswerError(text))

    def _check_silence(self) -> None:
        quiet = time.monotonic() - self._heard
        if quiet >= self._settings.silence:
            raise self._lost(GapCause.DEVICE_SILENT, f"no request answered for {quiet:.1f} s")

    def _log_changes(self, failures: set[str]) -> None:
        for text in sorted(failures - self._failures):
            _log.warning("block not read", source=self._settings.name, block=text)
        self._failures = failures

    def _lost(self, cause: GapCause, detail: str) -> SourceError:
        return SourceError(cause, f"{self._settings.host}:{self._settings.port} unit {self._settings.unit}: {detail}")


def _content(pdu: ModbusPDU, block: Block) -> list[int]:
    """What was asked for; bits come padded to whole bytes."""
    if block.table in {"holding", "input"}:
        return list(pdu.registers)
    return [int(bit) for bit in pdu.bits[: block.count]]
