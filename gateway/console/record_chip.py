"""The chip that leads from anything on a page to the record it came from."""

from urllib.parse import quote

from gateway.console.parts import Tag, link
from gateway.console.views.display import number
from gateway.console.visit import Visit

PAGE = "/r"
"""Where records stand: `/r/{stream}/{number}` is the permanent address of one."""


def record_path(stream: str, numbered: int) -> str:
    """The route of a record, without its language."""
    return f"{PAGE}/{quote(stream, safe='')}/{numbered}"


def record_chip(visit: Visit, stream: str, numbered: int) -> Tag | None:
    """`measurements #18 201 334` as a link to the record; nothing where who looks may not see records."""
    if not visit.may(PAGE):
        return None
    kind = stream.split(".")[-2] if stream.count(".") >= 2 else stream
    text = f"{kind} #{number(numbered, '{#}')}"
    return link(text, visit.href(record_path(stream, numbered)), "chip record", title=stream)
