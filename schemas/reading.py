"""Entries to records for whoever reads many: frames come out in columns, without an object per sample.

One source writes frame after frame in the same layout: the same tags in the same order, numbers of the same length.
So where each number stands is learned from one frame (a *layout*) and used for all that fit. A frame fits when every
octet that tells the structure (heads, branches of unions, lengths, the top bits of varints) is that of the layout: one
masked comparison. Then each column is one gather. A frame that fits none is walked through row by row, which gives
its layout.

What is at all unusual (array blocks, varints of more than eight octets, numbers out of range, an older `Sample`, what
is cut or altered) goes to `codec.decode`, which alone says what is wrong. So the answer is always the same as its.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from io import BytesIO
from typing import Any
from uuid import UUID

from fastavro import schemaless_reader
from fastavro.schema import to_parsing_canonical_form

from schemas.catalogue import Schema, schema, schema_of
from schemas.codec import HEAD, Record, decode
from schemas.frame import Frame
from schemas.layout import Heads, Layout, UnusualError, layout_of, read_long

ROOM = 16 * 1024 * 1024
"""Octets of samples whose layouts are remembered; a layout takes about four times as much."""

HEADS = 100_000
"""Tags whose heads are remembered."""


class Reader:
    """Decodes entries and remembers layouts. For one thread at a time."""

    def __init__(self) -> None:
        self._layouts: OrderedDict[tuple[str, str | None, int, int], Layout] = OrderedDict()
        self._heads: Heads = {}
        self._room = ROOM

    def decode(self, entry: bytes, published: Mapping[bytes, Schema]) -> Record:
        """As `codec.decode`, with the same errors."""
        writer = published.get(entry[2:HEAD])
        if writer is not None and entry[:2] == b"\xc3\x01" and (heads := _heads(writer.text)):
            with suppress(Exception):  # whatever it is: codec.decode can read it, or says why nobody can
                return self._frame(entry, *heads)
        return decode(entry, published)

    def _frame(self, entry: bytes, writer: Any, reader: Any) -> Frame:
        body = BytesIO(entry)
        body.seek(HEAD)
        head: Any = schemaless_reader(body, writer, reader)
        count, begin = read_long(entry, body.tell())
        octets = entry[begin:-1]
        if count <= 0 or entry[-1:] != b"\0":
            raise UnusualError
        layout = self._layout(octets, count, head["source"], head.pop("line"))
        return layout.read(octets, {**head, "id": UUID(head["id"])})

    def _layout(self, octets: bytes, count: int, source: str, line: str | None) -> Layout:
        key = (source, line, count, len(octets))
        if len(self._heads) > HEADS:
            self._heads.clear()
        known = self._layouts.get(key)
        if known is not None and known.fits(octets):
            self._layouts.move_to_end(key)
            return known
        self._layouts[key] = layout = layout_of(octets, count, line, self._heads)
        self._room -= 0 if known else len(octets)
        while self._room < 0:
            (*_, size), _ = self._layouts.popitem(last=False)
            self._room += size
        return layout


@lru_cache(maxsize=64)
def _heads(text: str) -> tuple[Any, Any] | None:
    """The writer's and our schema of a frame up to its samples; None where its samples are not those of this version.

    Ours is None where they are equal.
    """
    own = schema("Frame")
    if text == own.text:
        return _before_samples(text), None
    if _samples(text) != _samples(own.text):
        return None
    return _before_samples(text), _before_samples(own.text)


def _samples(text: str) -> Any:
    """The canonical form of the last field, where that is the samples of a frame."""
    given = schema_of(text)
    if given.name.rpartition(".")[2] != "Frame":
        return None
    last = given.parsed["fields"][-1]
    return to_parsing_canonical_form(last["type"]) if last["name"] == "samples" else None


def _before_samples(text: str) -> Any:
    whole = json.loads(text)
    return schema_of(json.dumps({**whole, "fields": whole["fields"][:-1]})).parsed
