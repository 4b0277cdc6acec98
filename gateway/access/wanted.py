"""Which accesses are asked for, and what is found: in the own log, and among those that the other side sent. Pure."""

from dataclasses import dataclass

from schemas.access import Access


@dataclass(frozen=True, slots=True)
class WantedAccess:
    """Which accesses are asked for. `person` is a part of a name or an account's id; times are UTC microseconds.

    `paths` are what was looked at, or the beginning of that; empty for anything.
    """

    begin: int
    end: int
    person: str = ""
    batch: str = ""
    paths: tuple[str, ...] = ()

    def fits(self, access: Access) -> bool:
        """Whether it is one of them."""
        who = f"{access.name or ''}\n{access.account or ''}".casefold()
        return (
            self.begin <= access.time <= self.end
            and self.person.casefold() in who
            and (not self.batch or access.batch == self.batch)
            and (not self.paths or any(_under(access.path, path) for path in self.paths))
        )


def _under(path: str, begin: str) -> bool:
    return path == begin or path.startswith(f"{begin}/")


@dataclass(frozen=True, slots=True)
class KeptAccess:
    """An access with its number in its stream."""

    number: int
    access: Access
    stream: str
