"""Is this the answer to that request? And what does a refusal mean? Bytes in, verdict out.

The client library takes some wrong answers for good ones: another function code, fewer registers than asked for, no
transaction id. So every byte string that arrives is judged here before the library sees it (MODBUS Messaging on
TCP/IP Implementation Guide 1.0b, 3.1; MODBUS Application Protocol 1.1b3, 6 and 7).
"""

from dataclasses import dataclass

from schemas.status import Reason, StatusCode

_HEADER = 7
_EXCEPTION = 0x80
_LONGEST = 254
"""Largest length field: unit, function code and 252 bytes."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request brought no values; `code` is the Modbus exception, 0 when there was none."""

    status: StatusCode
    reason: Reason
    text: str
    code: int = 0

    @property
    def is_busy(self) -> bool:
        """Whether asking again soon may help (exceptions 5 acknowledge, 6 busy)."""
        return self.code in {5, 6}

    @property
    def is_refused(self) -> bool:
        """Whether the device answered that it has no such thing (1 function, 2 address, 3 value)."""
        return self.code in {1, 2, 3}

    @property
    def is_sign_of_life(self) -> bool:
        """Whether the device itself spoke: a gateway says 10 and 11 when the device does not."""
        return self.code not in {0, 10, 11}


def exception(code: int) -> Failure:
    """What an exception response means (MODBUS Application Protocol 1.1b3, 7)."""
    status, reason, text = _EXCEPTIONS.get(code, (StatusCode.BAD_COMMUNICATION_ERROR, Reason.COMM, "unknown"))
    return Failure(status, reason, f"exception {code}: {text}", code)


_EXCEPTIONS = {
    1: (StatusCode.BAD_CONFIGURATION_ERROR, Reason.CONFIG, "the device has no such function"),
    2: (StatusCode.BAD_CONFIGURATION_ERROR, Reason.CONFIG, "the device has no such address"),
    3: (StatusCode.BAD_CONFIGURATION_ERROR, Reason.CONFIG, "the device does not give so many at once"),
    4: (StatusCode.BAD_DEVICE_FAILURE, Reason.DEVICE, "the device failed"),
    5: (StatusCode.BAD_NO_DATA, Reason.DEVICE, "the device needs longer"),
    6: (StatusCode.BAD_NO_DATA, Reason.DEVICE, "the device is busy"),
    8: (StatusCode.BAD_DEVICE_FAILURE, Reason.DEVICE, "the device's memory is damaged"),
    10: (StatusCode.BAD_NO_COMMUNICATION, Reason.COMM, "the gateway has no path to the device"),
    11: (StatusCode.BAD_NO_COMMUNICATION, Reason.COMM, "the device behind the gateway does not answer"),
}


def mismatch(request: bytes, received: bytes) -> str | None:
    """What is wrong with the bytes received since the request, or None: right so far, perhaps not yet complete.

    Answers to earlier requests are passed over, as they carry another transaction id.
    """
    while len(received) > _HEADER:
        length = int.from_bytes(received[4:6], "big")
        if received[2:4] != b"\0\0" or not 2 <= length <= _LONGEST:
            return f"no Modbus TCP frame: {received[:16].hex(' ')}"
        if len(received) < 6 + length:
            return None
        frame, received = received[: 6 + length], received[6 + length :]
        if frame[:2] == request[:2]:
            return _frame_mismatch(request, frame)
        if frame[:2] == b"\0\0":
            return "answer without transaction id"
    return None


def _frame_mismatch(request: bytes, frame: bytes) -> str | None:
    function, asked = frame[_HEADER], request[_HEADER]
    if frame[6] != request[6]:
        return f"unit {frame[6]} answered, unit {request[6]} was asked"
    if function == asked | _EXCEPTION:
        return None if len(frame) == _HEADER + 2 else "exception response of wrong length"
    if function != asked:
        return f"answered function {function}, function {asked} was asked"
    count = int.from_bytes(request[10:12], "big")
    expected = 2 * count if asked in {3, 4} else (count + 7) // 8
    if len(frame) != _HEADER + 2 + expected or frame[_HEADER + 1] != expected:
        return f"{len(frame) - _HEADER - 2} bytes of values answered, {expected} were asked"
    return None
