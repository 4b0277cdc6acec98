"""Measurements that had to make room, told by source. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from schemas.catalogue import KINDS, schema
from schemas.codec import decode
from schemas.frame import Frame


@dataclass(slots=True)
class Lost:
    """What went of one source: which tags, since when until when (UTC microseconds), how many samples."""

    began: int
    ended: int
    samples: int = 0
    tags: set[str] = field(default_factory=set)


def lost_by_source(entries: Iterable[bytes]) -> dict[str, Lost]:
    """From the octets of frames that are given up; a frame that several recipients would have got counts once."""
    published = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
    lost: dict[str, Lost] = {}
    for octets in dict.fromkeys(entries):
        frame = decode(octets, published)
        if not isinstance(frame, Frame) or not len(frame):
            continue
        known = lost.setdefault(frame.source, Lost(frame.received, frame.received))
        known.began, known.ended = min(known.began, frame.received), max(known.ended, frame.received)
        known.samples += len(frame)
        known.tags.update(frame.tags.names)
    return lost
