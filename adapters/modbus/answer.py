"""Is this the answer to that request? And what does a refusal mean? Octets in, verdict out.

Client libraries take some wrong answers for good ones: another function code, fewer registers than asked for. So every
answer is judged here, without its framing (MODBUS Application Protocol 1.1b3, 6 and 7).
"""

import struct
from dataclasses import dataclass

from adapters.modbus.plan import Block, Table
from schemas.status import Reason, StatusCode

EXCEPTION = 0x80
WRITE_REGISTER = 6
_FUNCTIONS: dict[Table, int] = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}


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


def read_request(block: Block) -> bytes:
    """Asks for a block: function code, address, count."""
    return struct.pack(">BHH", _FUNCTIONS[block.table], block.start, block.count)


def write_request(address: int, content: int) -> bytes:
    """Sets one holding register; the right answer is the same again."""
    return struct.pack(">BHH", WRITE_REGISTER, address, content)


def answer_size(asked: bytes, function: int) -> int:
    """Octets of the right answer that begins with `function`; 0 when none does."""
    if function == asked[0] | EXCEPTION:
        return 2
    if function != asked[0]:
        return 0
    return len(asked) if function == WRITE_REGISTER else 2 + _value_size(asked)


def mismatch(asked: bytes, answered: bytes) -> str | None:
    """What is wrong with a whole answer (function code and data), or None."""
    function, data = answered[0], answered[1:]
    if function == asked[0] | EXCEPTION:
        return None if len(data) == 1 else "exception response of wrong length"
    if function != asked[0]:
        return f"answered function {function}, function {asked[0]} was asked"
    if function == WRITE_REGISTER:
        return None if answered == asked else "another register or content was written than asked for"
    expected = _value_size(asked)
    if len(data) != 1 + expected or data[0] != expected:
        return f"{max(0, len(data) - 1)} bytes of values answered, {expected} were asked"
    return None


def content(asked: bytes, answered: bytes) -> list[int] | Failure:
    """The registers or bits of an answer in which nothing is wrong, or what it refuses."""
    if answered[0] & EXCEPTION:
        return exception(answered[1])
    count = int.from_bytes(asked[3:5], "big")
    values = answered[2:]
    if asked[0] in {1, 2}:
        bits = int.from_bytes(values, "little")
        return [bits >> at & 1 for at in range(count)]
    return list(struct.unpack(f">{len(values) // 2}H", values[: len(values) // 2 * 2]))


def _value_size(asked: bytes) -> int:
    count = int.from_bytes(asked[3:5], "big")
    return 2 * count if asked[0] in {3, 4} else (count + 7) // 8
