"""Whose signature counts, as records: a party says which key is which person's, and for what (21 CFR 11.100)."""

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID, uuid4

from schemas.derived import Time


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A person who signs for a party. A later one of the same key changes or ends what it may; what was signed before
    stays signed.
    """

    id: Annotated[UUID, "Record id: random, given once, equal in all copies of this record."] = field(
        default_factory=uuid4
    )
    time: Annotated[Time, "When it was said, by the clock of the node."]
    party: Annotated[str, "The party for which the person signs."]
    account: Annotated[str, "Id of the person's account."]
    name: Annotated[str, "The person's name, as it is printed in signatures."]
    key: Annotated[str, "The person's public key: a line of a `.vkey` file, `<party>/person/<id>+...`."]
    roles: Annotated[tuple[str, ...], "In which roles the person may sign."] = ()
    since: Annotated[Time, "From when on."]
    until: Annotated[Time | None, "Until before when; null where no end is known."] = None
    reason: Annotated[str | None, "Why it was changed or ended."] = None
    approval: Annotated[str, "Signed note of a signatory of the party over all fields but this one."]


KINDS: dict[str, type] = {"Signer": Signer}
"""Kinds of this module; `python -m schemas` writes their schemas."""
