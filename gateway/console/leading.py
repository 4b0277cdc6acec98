"""A way to another page, for those who may see that page; for others the same words, without a way."""

from gateway.console.parts import Tag, link
from gateway.console.visit import Visit


def lead(visit: Visit, path: str | None, text: str = "", classes: str = "") -> Tag:
    """A link to `path` (a route without its language), or the text alone where there is none or it is not open."""
    if path is None or not visit.may_follow(path):
        return Tag("span", classes, text)
    return link(text, visit.href(path), classes)
