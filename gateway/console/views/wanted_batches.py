"""Which batches an address asks for: stage, with exceptions, with missing pieces, and which page of them. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.batches.listed import Wanted
from gateway.batches.standing import Phase

STAGES: Mapping[str, Phase] = {phase.value.lower(): phase for phase in Phase}
YES_OR_NO = {"yes": True, "no": False}
ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class WantedBatches:
    """What stands in the address; None is any. `page` counts from 1."""

    stage: str | None = None
    exceptions: str | None = None
    missing: str | None = None
    page: int = 1

    @property
    def query(self) -> dict[str, str]:
        """All but the page, as it stands in an address."""
        every = {"stage": self.stage, "exceptions": self.exceptions, "missing": self.missing}
        return {name: value for name, value in every.items() if value is not None}

    @property
    def first(self) -> int:
        """How many stand on the pages before."""
        return (self.page - 1) * ON_A_PAGE

    def wanted(self, numbers: Collection[str] | None) -> Wanted:
        """The same for the archive, among these batches; None is all."""
        return Wanted(
            STAGES[self.stage] if self.stage else None,
            YES_OR_NO[self.exceptions] if self.exceptions else None,
            YES_OR_NO[self.missing] if self.missing else None,
            numbers,
        )


def wanted_batches(query: Mapping[str, str]) -> WantedBatches:
    """What an address asks for; what it says that nobody knows asks for nothing."""
    known = {"stage": STAGES, "exceptions": YES_OR_NO, "missing": YES_OR_NO}
    chosen = {name: query[name] for name, words in known.items() if query.get(name) in words}
    page = query.get("page", "")
    return WantedBatches(**chosen, page=max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1)
