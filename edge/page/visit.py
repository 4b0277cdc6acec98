"""One view of the page: which feed, in which language."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from edge.page.feed import Feed
from gateway.cleanroom.site import Site
from gateway.languages import Language, Words
from gateway.views.display import Clock
from gateway.views.texts import health_name, tag_names

WORDS = "edge.page.words"


@cache
def words_in(language: Language) -> Words:
    """The console's words and the page's own."""
    return Words(language, WORDS)


@dataclass(frozen=True)
class Visit:
    """What the page is built for."""

    feed: Feed
    say: Words

    @property
    def site(self) -> Site:
        """The clean area."""
        return self.feed.site

    @cached_property
    def clock(self) -> Clock:
        """The plant's."""
        return Clock.of(self.site.zone)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What tags are called in this language."""
        return tag_names(self.site, self.say)

    def name(self, tag: str) -> str:
        """What the tag is called, or the tag itself."""
        return self.names.get(tag) or health_name(tag, self.say) or tag

    def trend(self, tag: str) -> str:
        """Where a value on the plan leads to: its row in the list."""
        return f"#{anchor(tag)}"


def anchor(tag: str) -> str:
    """The id of the tag's row."""
    return f"tag-{tag}"
