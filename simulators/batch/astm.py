"""Results of an analyser as ASTM E1394 records in E1381 frames, as they come over its line. Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from simulators.batch.facts import Fact


def message(results: Sequence[Fact], zone: str, status: str = "F") -> list[str]:
    """The records of one message; results of one sample stand together."""
    records = ["H|\\^&|||TOC-2^4.1|||||||P|E1394-97"]
    samples = list(dict.fromkeys(one.fields["sample"] for one in results))
    for number, sample in enumerate(samples, 1):
        records += [f"P|{number}", f"O|1|{sample}||^^^ALL"]
        own = [one for one in results if one.fields["sample"] == sample]
        for place, one in enumerate(own, 1):
            fields = one.fields
            time = datetime.fromtimestamp(fields["time"] / 1e6, UTC).astimezone(ZoneInfo(zone)).strftime("%Y%m%d%H%M%S")
            value = f"R|{place}|^^^{fields['test']}|{fields['reported']}|{fields['unit']}||N||{status}"
            records.append(f"{value}||{fields['analyst']}^{fields['approver']}||{time}|{fields['equipment']}")
    return [*records, "L|1|N"]


def framed(records: Iterable[str], spoilt: int | None = None) -> bytes:
    """Each record in a frame with number and checksum; the checksum of the frame at `spoilt` is wrong."""
    frames = [b"\x05"]
    for number, record in enumerate(records, 1):
        summed = f"{number % 8}{record}\r\x03".encode()
        checksum = sum(summed) % 256 ^ (0x55 if number == spoilt else 0)
        frames.append(b"\x02" + summed + f"{checksum:02X}\r\n".encode())
    return b"".join([*frames, b"\x04"])
