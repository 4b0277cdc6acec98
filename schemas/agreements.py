"""What is said of quality agreements, as records: both sides say it, so that the streams tell what routed them."""

from dataclasses import dataclass
from typing import Annotated

from schemas.derived import Date
from schemas.exported import Exported


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementInForce(Exported):
    """From here on in this stream another version of the quality agreement decides what is exchanged (107 T17).

    `system` is the agent or node that says it, `key` is one for each version, `time` is the moment from which on the
    version holds. The CMO's own stream has it for every agreement, a holder's for its own alone. `version` counts what
    is said, not the agreement.
    """

    agreement: Annotated[str, "The agreement's short name, the same in all its versions."]
    agreement_version: Annotated[int, "Version that holds from `time` on."]
    sha256: Annotated[str, "SHA-256 of its file, as both parties signed it, 64 hex digits."]
    effective: Annotated[Date, "First day that it names."]
    previous_version: Annotated[int | None, "Version whose place it takes; null for the first one."] = None
    previous_sha256: Annotated[str | None, "SHA-256 of that version's file."] = None
    ended: Annotated[bool, "True where this version ends at `time`, and none follows."] = False


KINDS: dict[str, type[Exported]] = {"AgreementInForce": AgreementInForce}
