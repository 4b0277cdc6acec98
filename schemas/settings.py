"""What all settings share, on both sides of the wire."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo


def _check_identifier(given: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]{1,32}", given):
        raise ValueError("must be lower-case letters, digits and hyphens, at most 32")
    return given


Identifier = Annotated[str, AfterValidator(_check_identifier)]
"""Lower-case letters, digits and hyphens, at most 32, so that a dot ends every name in a topic."""


def _relative_to_its_file(given: Path, info: ValidationInfo) -> Path:
    return Path((info.context or {}).get("folder", "")) / given


LocalPath = Annotated[Path, AfterValidator(_relative_to_its_file)]
"""A path that is relative to the file it stands in; validation is told that folder as context `folder`."""


class Strict(BaseModel):
    """Settings refuse keys they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
