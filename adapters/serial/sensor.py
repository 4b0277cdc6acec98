"""From a line of a sensor to the rows of a frame, as its pattern and tables say. Pure."""

from adapters.serial.ascii_settings import AsciiLineSettings, AsciiTag, Said
from adapters.serial.pattern import Field, compile_pattern
from adapters.serial.reading import no_line
from adapters.serial.weighing import Row
from schemas.status import Reason, StatusCode

SAID: dict[Said, tuple[StatusCode, Reason]] = {
    "good": (StatusCode.GOOD, Reason.NONE),
    "unstable": (StatusCode.UNCERTAIN_SUB_NORMAL, Reason.UNSTABLE),
    "overload": (StatusCode.BAD_OUT_OF_RANGE, Reason.OVERLOAD),
    "underload": (StatusCode.BAD_OUT_OF_RANGE, Reason.UNDERLOAD),
    "no-value": (StatusCode.BAD_NO_DATA, Reason.NO_VALUE),
    "sensor-fault": (StatusCode.BAD_SENSOR_FAILURE, Reason.DEVICE),
    "device-fault": (StatusCode.BAD_DEVICE_FAILURE, Reason.DEVICE),
}
_UNDECLARED = (StatusCode.BAD_CONFIGURATION_ERROR, Reason.CONFIG)
_ENDS = {"crlf": b"\r\n", "lf": b"\n", "cr": b"\r"}


class LineReader:
    """Reads whole lines of one sensor, with their end."""

    def __init__(self, settings: AsciiLineSettings) -> None:
        self.end = _ENDS[settings.terminator]
        self._settings = settings
        self._pattern = compile_pattern(settings.pattern)
        self._fields = {field.name: field for field in self._pattern.fields if field.name}
        self._no_value = {
            name: {mark for tag in settings.tags if tag.field == name for mark in tag.no_value} for name in self._fields
        }

    def read(self, line: bytes) -> list[Row] | None:
        """A row for every tag; None if it is not in all its columns a line of the pattern."""
        columns = self._pattern.split(line.removesuffix(self.end)) if line.endswith(self.end) else None
        if columns is None or not all(self._readable(self._fields[name], column) for name, column in columns.items()):
            return None
        return [self._row(at, tag, columns) for at, tag in enumerate(self._settings.tags)]

    def why(self, line: bytes) -> str:
        """What is wrong with a line that is none, for a person."""
        return no_line(line, "the pattern").text

    def _row(self, at: int, tag: AsciiTag, columns: dict[str, bytes]) -> Row:
        text = _text(columns[tag.field])
        status, reason = SAID["no-value"] if text in self._no_value[tag.field] else self._status(tag, columns)
        if status >> 31:
            return at, None, status, reason, None
        return at, text if self._fields[tag.field].number is None else float(text) + 0.0, status, reason, None

    def _status(self, tag: AsciiTag, columns: dict[str, bytes]) -> tuple[StatusCode, Reason]:
        """The worst of what the status words of the tag say."""
        words = self._settings.status
        said = [
            SAID[words[field][word]] if word in words[field] else _UNDECLARED
            for field in (words if tag.status is None else tag.status)
            for word in [_text(columns[field])]
        ]
        return max(said, default=SAID["good"], key=lambda pair: pair[0] >> 30)

    def _readable(self, field: Field, column: bytes) -> bool:
        """Whether a number is one, as the pattern writes it; or the mark that there is none."""
        if field.number is None or _text(column) in self._no_value[field.name]:
            return True
        if not field.number.fullmatch(column):
            return False
        return self._settings.negative_zero or b"-" not in column or float(column) != 0


def _text(column: bytes) -> str:
    return column.strip(b" ").decode("ascii")
