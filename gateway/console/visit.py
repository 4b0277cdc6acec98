"""One view of one page: which desk, in which language, with which query."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote, urlencode

from nicegui import ui

from gateway.access.entrance import Entrance
from gateway.access.viewer import Viewer
from gateway.cleanroom.site import Site
from gateway.console.desk import Desk
from gateway.languages import Language, Words
from gateway.views.display import Clock
from gateway.views.paths import trend_path
from gateway.views.texts import health_name, tag_names
from gateway.views.waiting import Looker


@dataclass(frozen=True)
class Visit:
    """What a page builder is given. `path` is the route without its language, `query` and `parts` are the address's.

    `viewer` is who looks, by way of `entrance`; both are None where the console is open to its machine. With an
    entrance and no viewer it is a page for nobody, such as one that is not there.
    """

    desk: Desk
    say: Words
    path: str
    query: Mapping[str, str]
    parts: Mapping[str, str]
    viewer: Viewer | None = None
    entrance: Entrance | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    """The query as it was asked, where a name may stand several times; `query` has the last of each."""

    def every(self, name: str) -> list[str]:
        """All that the query has under a name, in its order."""
        return [value for key, value in self.pairs if key == name]

    def may(self, path: str) -> bool:
        """Whether a page, by its route without language, may be shown to whoever looks."""
        return self.entrance is None or (self.viewer is not None and self.viewer.may(path))

    def may_follow(self, address: str) -> bool:
        """As `may`, of a route as it stands in an address: with its query, and characters written as `%20`."""
        return self.may(unquote(address.partition("?")[0]))

    @property
    def looker(self) -> Looker:
        """Who looks, as views need it."""
        if self.entrance is None or self.viewer is None:
            return Looker(None if self.entrance is None else frozenset(), self.may)
        return Looker(self.viewer.roles, self.may, self.viewer.scope.batches)

    def knows(self, batch: str) -> bool:
        """Whether a batch may be named to whoever looks."""
        return self.entrance is None or (self.viewer is not None and self.viewer.knows(batch))

    @property
    def site(self) -> Site:
        """The clean area."""
        return self.desk.site

    @cached_property
    def clock(self) -> Clock:
        """The plant's."""
        return Clock.of(self.desk.site.zone)

    @cached_property
    def names(self) -> dict[str, str]:
        """What tags are called in this language."""
        return tag_names(self.desk.site, self.say)

    def name(self, tag: str) -> str:
        """What the tag is called, or the tag itself."""
        return self.names.get(tag) or health_name(tag, self.say) or tag

    def href(self, path: str = "", *, language: Language | None = None, **query: str | Sequence[str] | None) -> str:
        """The address of a page in this language (or the one given); None leaves a parameter out, several stay so."""
        given = {name: value for name, value in query.items() if value is not None}
        return f"/{language or self.say.language}{path}" + (f"?{urlencode(given, doseq=True)}" if given else "")

    def here(self, language: Language | None = None) -> str:
        """The address of this page as it was asked for, in this language or the one given."""
        asked = urlencode(self.pairs or list(self.query.items()))  # its names may be any
        return self.href(self.path, language=language) + (f"?{asked}" if asked else "")

    def trend(self, *tags: str, **query: str) -> str:
        """The address of a trend of these tags."""
        return self.href(trend_path(*tags, **query))

    def data(self, path: str, **query: str | Sequence[str]) -> str:
        """The address of a page's twin for programs."""
        return f"/api{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")


def replace_address(address: str) -> None:
    """Let the browser's address line say what is shown, so that it can be sent to somebody."""
    ui.run_javascript(f"history.replaceState(null, '', {json.dumps(address)})")
