"""The ways from anything on a page to the record that it came from."""

from urllib.parse import quote
from uuid import UUID

from gateway.console.parts import Tag, link
from gateway.console.visit import Visit
from gateway.views.display import number

PAGE = "/r"
"""Where records stand: `/r/{stream}/{number}` is the permanent address of one; `/r?...` leads there."""


def record_path(stream: str, numbered: int) -> str:
    """The route of a record, without its language."""
    return f"{PAGE}/{quote(stream, safe='')}/{numbered}"


def record_chip(visit: Visit, stream: str, numbered: int) -> Tag | None:
    """`measurements #18 201 334` as a link to the record; nothing where who looks may not see it."""
    path = record_path(stream, numbered)
    if not visit.may(path):
        return None
    kind = stream.split(".")[-2] if stream.count(".") >= 2 else stream
    text = f"{kind} #{number(numbered, '{#}')}"
    return link(text, visit.href(path), "chip record", title=stream)


def record_link(visit: Visit, id_: UUID) -> Tag | None:
    """`record` as a link to the record with this id, wherever it stands; nothing for who may not see records."""
    return _leading(visit, id=str(id_))


def gap_link(visit: Visit, gap: UUID) -> Tag | None:
    """The same to the newest record that tells of a gap."""
    return _leading(visit, gap=str(gap))


def reading_link(visit: Visit, tag: str, time: int) -> Tag | None:
    """The same to the record of the tag's reading at that time, UTC microseconds."""
    return _leading(visit, tag=tag, time=str(time))


class ReadingLink(Tag):
    """The same for a reading that changes while the page is open."""

    def __init__(self, visit: Visit) -> None:
        super().__init__("a", "chip record", visit.say("record.link"), hidden=True)
        self._visit = visit

    def show(self, tag: str, time: int | None) -> None:
        """The way to the newest one; None hides it."""
        known = time is not None and self._visit.may(PAGE)
        self.set(hidden=not known or None)
        self.set(href=self._visit.href(PAGE, tag=tag, time=str(time)) if known else None)


def _leading(visit: Visit, **query: str) -> Tag | None:
    if not visit.may(PAGE):
        return None
    return link(visit.say("record.link"), visit.href(PAGE, language=None, **query), "chip record")
