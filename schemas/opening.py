"""The openings of commitments, as records: they never leave the sender's own side before it discloses them."""

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID, uuid4

from schemas.derived import Time


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What opens one commitment: to whom which field of which record was withheld, with salt and value.

    It goes to the CMO's own stream alone, is sealed there, and is kept by the CMO's archive when the edge box is lost.
    """

    id: Annotated[UUID, "Record id: random."] = field(default_factory=uuid4)
    stream: Annotated[str, "The stream in which the commitment stands."]
    record: Annotated[UUID, "Id of the record in which it stands."]
    kind: Annotated[str, "Kind of that record."]
    field: Annotated[str, "The field."]
    clause: Annotated[str, "Why it was withheld, as the commitment says."]
    disclosed: Annotated[str, "Canonical text of salt, stream, record id, field path and value; its SHA-256 is there."]
    time: Annotated[Time, "When the record happened, as its message says; 0 where it does not."]


KINDS: dict[str, type[Opening]] = {"Opening": Opening}
