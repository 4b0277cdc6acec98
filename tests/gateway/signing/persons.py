"""Persons who sign, for tests."""

from typing import Any

from gateway.proof.keys import Role
from gateway.proof.note import COSIGNATURE, SigningKey
from gateway.signing.signers import approve
from schemas.signers import Signer
from tests.gateway.proof.streams import key

CMO, HOLDER = "cmo-a", "holder-b"
SIGNATORY = key(CMO, Role.SIGNATORY, "quality", 4)
THEIRS = key(HOLDER, Role.SIGNATORY, "quality", 5)
WANG = key(CMO, Role.PERSON, "wang", 6)
DAY = 86_400
BEGIN = 1_800_000_000
"""When Wang begins to sign, POSIX seconds."""
MICRO = 1_000_000
TRUSTED = [one.verifier(one.kinds[-1]) for one in (SIGNATORY, THEIRS)]


def said(
    person: SigningKey = WANG, by: SigningKey = SIGNATORY, at: int = BEGIN, party: str = CMO, **more: Any
) -> Signer:
    """What a signatory says of a person's key, approved at `at`, POSIX seconds."""
    facts: dict[str, Any] = {"account": "wang", "name": "Wang Lei", "roles": ("qa",), "since": BEGIN * MICRO}
    unsigned = Signer(
        time=at * MICRO, party=party, key=str(person.verifier(COSIGNATURE)), approval="", **(facts | more)
    )
    return approve(unsigned, by, at)
