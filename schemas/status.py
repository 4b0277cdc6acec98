"""OPC UA StatusCodes and reasons: how every source says how good a value is.

The 32-bit code follows OPC 10000-4, 7.39: the top two bits are the severity (00 Good, 01 Uncertain, 10 Bad), the
low sixteen hold information bits. Numbers are those of the OPC Foundation's StatusCode list. Modbus and serial
sources use the same codes, so that one rule serves all: a value whose severity is not Good never enters a limit (but
where its time alone is in doubt, see `gateway.alarm.looking`).
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class StatusCode(IntEnum):
    """The StatusCodes that the gateway itself gives; a device may send any other."""

    GOOD = 0x00000000
    UNCERTAIN = 0x40000000
    UNCERTAIN_LAST_USABLE_VALUE = 0x40900000
    UNCERTAIN_SUB_NORMAL = 0x40950000
    UNCERTAIN_SENSOR_CALIBRATION = 0x420A0000
    BAD = 0x80000000
    BAD_COMMUNICATION_ERROR = 0x80050000
    BAD_DECODING_ERROR = 0x80070000
    BAD_TIMEOUT = 0x800A0000
    BAD_NO_COMMUNICATION = 0x80310000
    BAD_WAITING_FOR_INITIAL_DATA = 0x80320000
    BAD_NODE_ID_UNKNOWN = 0x80340000
    BAD_OUT_OF_RANGE = 0x803C0000
    BAD_NOT_SUPPORTED = 0x803D0000
    BAD_TYPE_MISMATCH = 0x80740000
    BAD_CONFIGURATION_ERROR = 0x80890000
    BAD_NOT_CONNECTED = 0x808A0000
    BAD_DEVICE_FAILURE = 0x808B0000
    BAD_SENSOR_FAILURE = 0x808C0000
    BAD_NO_DATA = 0x809B0000


class Reason(IntEnum):
    """Why a status is not Good; the order is that of the Avro enumeration of the same name."""

    NONE = 0
    SOURCE = 1
    STALE = 2
    COMM = 3
    RANGE = 4
    NOT_A_NUMBER = 5
    NO_VALUE = 6
    TYPE = 7
    UNIT = 8
    IDENTITY = 9
    UNPROVEN = 10
    TIME = 11
    DEVICE = 12
    UNSTABLE = 13
    OVERLOAD = 14
    UNDERLOAD = 15
    CONFIG = 16
    CALIBRATION = 17


_SEVERITY = {0: "Good", 1: "Uncertain", 2: "Bad", 3: "Bad"}
_NAMES = {int(code): "".join(part.capitalize() for part in code.name.split("_")) for code in StatusCode}


def is_good(status: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which of the codes have the severity Good (OPC 10000-4, table 177)."""
    good: NDArray[np.bool_] = (status >> np.uint32(30)) == 0
    return good


def is_bad(status: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which of the codes have the severity Bad; the reserved severity 11 counts as Bad."""
    bad: NDArray[np.bool_] = (status >> np.uint32(31)) == 1
    return bad


def severity(status: int) -> str:
    """`Good`, `Uncertain` or `Bad`."""
    return _SEVERITY[status >> 30 & 3]


def status_name(status: int) -> str:
    """Name as in the OPC UA list (`BadSensorFailure`), or severity and number for one the gateway does not know."""
    return _NAMES.get(status & 0xFFFF0000) or f"{severity(status)} 0x{status:08X}"
