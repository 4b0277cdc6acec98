"""What all settings share, on both sides of the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
"""Lower-case letters, digits and hyphens, at most 32, so that a dot ends every name in a topic."""


class Strict(BaseModel):
    """Settings refuse keys they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
