"""What routing has to know of the plant. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.cleanroom.site import Site


@dataclass(frozen=True, slots=True)
class Plant:
    """One agent's."""

    sender: str
    line: str
    rooms: Mapping[str, str] = field(default_factory=dict)
    """Of tags."""
    sources: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The tags of each source; they change while the agent runs."""
    naming: frozenset[str] = frozenset()
    """Tags whose text is a batch number."""
    no_batch: frozenset[str] = frozenset()
    """What these say where there is none."""

    def room_of(self, source: str) -> str | None:
        """The room of all that a source measures; None where it is not one."""
        rooms = {self.rooms.get(tag) for tag in self.sources.get(source, ())}
        return rooms.pop() if len(rooms) == 1 else None


def plant_of(site: Site, sender: str, sources: dict[str, tuple[str, ...]]) -> Plant:
    """Of an agent with a site file."""
    naming = frozenset(tag for tag, _ in site.batch_tags())
    return Plant(sender, site.line, dict(site.tagged_rooms()), sources, naming, frozenset(site.no_batch))
