"""What the device says of itself: is it the one that is meant, and the one of last time? Pure."""

from collections.abc import Iterator, Mapping

from adapters.modbus.image import Image
from adapters.modbus.numbers import Order, text
from adapters.modbus.profile import Identity, Profile

Said = Mapping[str, int | float | str]
"""Content of each identity, by name; without those that could not be read."""


def said(profile: Profile, image: Image) -> Said:
    """What the device said."""
    found = ((identity.name, _content(identity, image)) for identity in profile.identity)
    return {name: content for name, content in found if content is not None}


def refusal(profile: Profile, found: Said) -> str | None:
    """Why this device is none that the profile is made for (F33), or None."""
    for identity in profile.identity:
        content = found.get(identity.name)
        if identity.one_of is None or content in identity.one_of:
            continue
        known = ", ".join(str(each) for each in identity.one_of)
        answer = "cannot be read" if content is None else f"is {content}"
        return f"{identity.name} {answer}; the profile is made for {known}: wrong device, address or version"
    return None


def plain(found: Said) -> dict[str, str]:
    """Each content as text: how it is kept from one life of the agent to the next, and compared."""
    return {name: _text(content) for name, content in found.items()}


def changes(known: Mapping[str, str], found: Mapping[str, str]) -> Iterator[str]:
    """What is another than it was, or was said to be (F-A4). Both as `plain` writes them."""
    for name, content in known.items():
        if name not in found:
            yield f"{name} cannot be read, it was {content}"
        elif found[name] != content:
            yield f"{name} is {found[name]}, it was {content}"


def float_order(profile: Profile, found: Said) -> Order | None:
    """The word order of the profile's floats by the device's version; None where it does not tell."""
    rule = profile.float_order
    if rule is None:
        return None
    version = found.get(rule.identity)
    if version in rule.big:
        return "big"
    return "little" if version in rule.little else None


def _text(content: float | str) -> str:
    """A whole number is the same one in a float register."""
    return str(int(content)) if isinstance(content, float) and content.is_integer() else str(content)


def _content(identity: Identity, image: Image) -> int | float | str | None:
    words = image.span(identity.span)
    if words is None:
        return None
    return text(words, identity.byte_order) if identity.type == "text" else image.number(identity)
