"""Why a holder gets a record, or does not: a closed list."""

from enum import StrEnum


class Reason(StrEnum):
    """Of one decision. Those up to LIFE send, all others withhold."""

    ALWAYS = "ALWAYS"
    BATCH = "BATCH"
    BEFORE = "BEFORE"
    AFTER = "AFTER"
    NAMED = "NAMED"
    SENDER = "SENDER"
    LIFE = "LIFE"
    NOT_IN_FORCE = "NOT_IN_FORCE"
    KIND = "KIND"
    LINE = "LINE"
    PLACE = "PLACE"
    NO_BATCH = "NO_BATCH"
    UNKNOWN_PRODUCT = "UNKNOWN_PRODUCT"
    OTHER_BATCH = "OTHER_BATCH"
    OTHER_PRODUCT = "OTHER_PRODUCT"
    OTHER_HOLDER = "OTHER_HOLDER"
    NAMES_OTHER = "NAMES_OTHER"

    @property
    def sends(self) -> bool:
        """Whether the holder gets it."""
        return self in SENDS


SENDS = frozenset((Reason.ALWAYS, Reason.BATCH, Reason.BEFORE, Reason.AFTER, Reason.NAMED, Reason.SENDER, Reason.LIFE))
