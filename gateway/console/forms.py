"""Fields of forms that work without a script: what is chosen stands in the address."""

from collections.abc import Iterable

from gateway.console.parts import Tag


def choice(label: str, name: str, choices: Iterable[tuple[str, str]], chosen: str | None) -> None:
    """One of these values, each with its text; the first one, by its empty value, is any of them."""
    with Tag("label"):
        Tag("span", "", label)
        with Tag("select", name_=name):
            for value, text in choices:
                # `^` makes it the attribute: as a property, Vue would write it over what was chosen at each push
                Tag("option", "", text, value=value, **({"^selected": "selected"} if value == (chosen or "") else {}))


def typed(label: str, name: str, given: str | None) -> None:
    """Any text."""
    with Tag("label"):
        Tag("span", "", label)
        Tag("input", name_=name, type="search", maxlength=80, autocomplete="off", **{"^value": given or ""})


def kept(query: Iterable[tuple[str, str]]) -> None:
    """What else the address says."""
    for name, value in query:
        Tag("input", name_=name, type="hidden", **{"^value": value})
