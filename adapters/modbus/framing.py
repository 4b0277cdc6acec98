"""Requests and answers as they stand on the wire: Modbus TCP, RTU and ASCII. Pure; nothing is searched for.

An answer counts only when all octets since the request are exactly one whole frame of the unit that was asked, with
its checksum. Noise before it, octets behind it, the request given back by the line: no answer (MODBUS over Serial Line
1.02, 2.5; MODBUS Messaging on TCP/IP Implementation Guide 1.0b, 3.1). Frames are made by pymodbus.
"""

import re
from dataclasses import dataclass
from typing import Literal

from pymodbus.framer import FramerAscii, FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU

from adapters.modbus.answer import WRITE_REGISTER, answer_size, mismatch

Framing = Literal["tcp", "rtu", "ascii"]

_DECODER = DecodePDU(is_server=False)
_FRAMERS = {"tcp": FramerSocket(_DECODER), "rtu": FramerRTU(_DECODER), "ascii": FramerAscii(_DECODER)}
_HEADER = 7
_LONGEST = 254
"""Largest length field of Modbus TCP: unit, function code and 252 bytes."""
_LONGEST_LINE = 513
_LINE = re.compile(rb":((?:[0-9A-Fa-f]{2})+)\r\n")


class WrongAnswerError(Exception):
    """What came is no answer to the request."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to one unit; `asked` is function code and data."""

    framing: Framing
    unit: int
    asked: bytes
    transaction: int = 0

    @property
    def frame(self) -> bytes:
        """As sent."""
        return self.framed(self.asked)

    def framed(self, data: bytes) -> bytes:
        """Function code and data as this unit sends them, in upper case where they are text."""
        return _FRAMERS[self.framing].encode(data, self.unit, self.transaction)

    def answer(self, received: bytes) -> bytes | None:
        """Function code and data of the answer, or None while it is not complete.

        `received` is all that came since the request. Raises WrongAnswerError.
        """
        if not received:
            return None
        if self.framing == "tcp":
            answered = self._from_tcp(received)
        elif self._is_echo(received):
            return None
        else:
            answered = self._from_rtu(received) if self.framing == "rtu" else self._from_ascii(received)
        if answered is not None and (wrong := mismatch(self.asked, answered)) is not None:
            raise WrongAnswerError(wrong)
        return answered

    def _is_echo(self, received: bytes) -> bool:
        """Whether this may yet become an echo. A write is answered by its own repetition, so none is seen there."""
        if self.asked[0] == WRITE_REGISTER:
            return False
        frame = self.frame
        if received.startswith(frame):
            raise WrongAnswerError("the line gives back what is sent on it (echo): switch it off at the converter")
        return frame.startswith(received)

    def _from_tcp(self, received: bytes) -> bytes | None:
        """Answers to earlier requests are passed over, as they carry another transaction id."""
        while len(received) > _HEADER:
            length = int.from_bytes(received[4:6], "big")
            if received[2:4] != b"\0\0" or not 2 <= length <= _LONGEST:
                raise WrongAnswerError(f"no Modbus TCP frame: {received[:16].hex(' ')}")
            frame, received = received[: 6 + length], received[6 + length :]
            if len(frame) < 6 + length:
                return None
            transaction = int.from_bytes(frame[:2], "big")
            if transaction == self.transaction:
                self._check_unit(frame[6])
                return frame[_HEADER:]
            if transaction == 0:
                raise WrongAnswerError("answer without transaction id")
        return None

    def _from_rtu(self, received: bytes) -> bytes | None:
        self._check_unit(received[0])
        if len(received) < 2:
            return None
        size = answer_size(self.asked, received[1])
        if size == 0:
            raise WrongAnswerError(f"answered function {received[1]}, function {self.asked[0]} was asked")
        if size > 2 and self.asked[0] != WRITE_REGISTER and len(received) > 2 and received[2] != size - 2:
            raise WrongAnswerError(f"{received[2]} bytes of values answered, {size - 2} were asked")
        if len(received) < size + 3:
            return None
        if len(received) > size + 3:
            raise WrongAnswerError("octets behind the answer")
        answered = received[1:-2]
        if self.framed(answered) != received:
            raise WrongAnswerError("checksum wrong (CRC)")
        return answered

    def _from_ascii(self, received: bytes) -> bytes | None:
        if not received.startswith(b":"):
            raise WrongAnswerError(f"no Modbus ASCII frame: {received[:16].hex(' ')}")
        if b"\n" not in received:
            if len(received) > _LONGEST_LINE:
                raise WrongAnswerError("a line without end")
            return None
        line = _LINE.fullmatch(received)
        octets = bytes.fromhex(line[1].decode("ascii")) if line else b""
        if len(octets) < 3:
            raise WrongAnswerError(f"no Modbus ASCII frame: {received[:16].hex(' ')}")
        self._check_unit(octets[0])
        answered = octets[1:-1]
        if self.framed(answered) != received.upper():
            raise WrongAnswerError("checksum wrong (LRC)")
        return answered

    def _check_unit(self, answering: int) -> None:
        if answering != self.unit:
            raise WrongAnswerError(f"unit {answering} answered, unit {self.unit} was asked")
