"""Steps, and who signs them, on their way: to those they are for, and home."""

from collections.abc import Iterable

from gateway.envelope import key_of, time_of
from gateway.journal.entries import Draft
from gateway.link.topics import Stream
from schemas.codec import encode, kind_of
from schemas.notices import NoticeStep
from schemas.signers import Signer


def drafts_of(step: NoticeStep) -> list[Draft]:
    """One for each party in `to`, and one for the own archive; all bear the same record. Raises ValueError."""
    return _drafts(step, step.party, step.to)


def drafts_of_signer(signer: Signer, to: Iterable[str]) -> list[Draft]:
    """The same of a person who signs for its party; `to` are all that get its steps."""
    return _drafts(signer, signer.party, to)


def _drafts(record: NoticeStep | Signer, party: str, to: Iterable[str]) -> list[Draft]:
    octets = encode(record)
    streams = [Stream(party, party, one, "notices").name for one in (*to, party)]
    return [Draft(one, kind_of(record), key_of(one, record), time_of(record), octets) for one in streams]
