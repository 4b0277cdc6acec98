"""What stands around an entry in its message, the key and the headers, as it has to be. Pure.

They are functions of the entry and its number, so whoever has these can tell whether anybody changed them. The sender
takes them from its journal; here they are made anew from the record.
"""

from collections.abc import Mapping

from gateway.link.topics import headers
from gateway.proof.findings import Code, Finding
from schemas import records
from schemas.access import Access
from schemas.codec import Record, kind_of
from schemas.exported import Exported
from schemas.frame import Frame
from schemas.notices import NoticeStep
from schemas.opening import Opening
from schemas.records import Alarm, Condition, Evicted, Gap, Weighing
from schemas.signers import Signer

KEY = "message key"
LATEST = 253_402_214_400_000_000
"""Later than this, the last day of the year 9999, no header tells (RFC 3339); an entry that is made up can."""
OF_ALL = ("ce_specversion", "ce_source", "ce_id", "content-type")
"""Headers that do not depend on what the record says."""


def key_of(stream: str, record: Record) -> bytes:
    """The key of a record's message; it groups what belongs together and never chooses the partition."""
    match record:
        case records.Schema():
            return record.fingerprint
        case Frame() | Gap() | Condition() | Weighing():
            key = record.source
        case Alarm():
            key = record.condition
        case Exported():
            key = record.system
        case Opening():
            key = record.stream
        case Access():
            key = record.node
        case NoticeStep():
            key = str(record.notice)
        case Signer():
            key = record.account
        case Evicted():
            key = stream
    return key.encode()


def time_of(record: Record) -> int:
    """The time of the event, UTC microseconds; 0 for what has none of its own, whose headers tell none."""
    match record:
        case Frame() | Condition():
            return record.received
        case Alarm() | Weighing() | Opening() | Access() | NoticeStep() | Signer():
            return record.time
        case Exported():
            return record.time or 0
        case Gap():
            return record.began if record.ended is None else record.ended
        case records.Schema() | Evicted():
            return 0


def differing(stream: str, number: int, record: Record | None, key: bytes, given: Mapping[str, bytes]) -> list[str]:
    """Names of what does not fit, of the key and of headers, also of ones that are too many.

    Of a record that could not be read (None) only what does not depend on it is compared.
    """
    if record is None:
        expected = dict(headers(stream, "", number, 0))
        return [name for name in OF_ALL if given.get(name) != expected[name]]
    time = time_of(record)
    expected = dict(headers(stream, kind_of(record), number, min(max(time, 0), LATEST)))
    wrong = [name for name in sorted({*expected, *given}) if given.get(name) != expected.get(name)]
    return wrong if key == key_of(stream, record) else [KEY, *wrong]


def altered(
    stream: str, number: int, record: Record | None, key: bytes, given: Mapping[str, bytes], *, now: float
) -> Finding | None:
    """The finding when key or headers are not those of the entry; it accuses them, not the entry: it has no `leaf`."""
    wrong = differing(stream, number, record, key, given)
    if not wrong:
        return None
    names = ", ".join(name if name.isprintable() else ascii(name) for name in wrong)
    return Finding(Code.ALTERED, stream, number, number, f"not as the entry says: {names[:200]}", now)
