"""What each holder may see of what it gets: redaction by its version of the agreement, which learns whose batches are
whose.
"""

from collections.abc import Callable, Mapping

import numpy as np

from gateway.agreement.in_force import Signed, SignedVersion
from gateway.agreement.routing.frames import Share, grouped
from gateway.agreement.routing.plan import Mask
from gateway.agreement.routing.router import Sent
from gateway.redaction.pseudonyms import Pseudonyms
from gateway.redaction.redact import Reason
from gateway.redaction.redactor import NAMED_TERMS, Redacted, Redactor
from gateway.redaction.terms import BLACK
from schemas.codec import Record
from schemas.exported import LineClearance
from schemas.frame import Frame

LEAST = 3
"""A batch number of fewer characters is not looked for in text: it would be found everywhere."""


class Redaction:
    """By holder and version. Raises ValueError where an agreement asks for what cannot be withheld."""

    def __init__(
        self, sender: str, signed: Signed, product_of: Callable[[str], str | None], pseudonyms: Pseudonyms | None
    ) -> None:
        self._sender, self._product_of, self._pseudonyms = sender, product_of, pseudonyms
        self._known: dict[str, frozenset[str]] = {}
        self.renew(signed)

    def renew(self, signed: Signed) -> None:
        """Go by these versions from here on; as for a new one where that raises nothing is changed."""
        of: dict[tuple[str, int], tuple[SignedVersion, Redactor]] = {}
        for one in signed.versions:
            holder = one.agreement.holder.id
            others = [other.agreement for other in signed.versions if other.agreement.holder.id != holder]
            of[_name(one)] = one, Redactor(self._sender, one.agreement, others, self._pseudonyms)
        self._signed, self._of = signed, of
        """By agreement and version."""
        for batch, products in self._known.items():
            self._teach(batch, products)

    def learn(self, batch: str, product: str | None = None) -> None:
        """Whose batch it is, by the product that a record names with it and by what is known: both have to be its."""
        if len(batch) < LEAST:
            return
        products = frozenset(one for one in (product, self._product_of(batch)) if one)
        if self._known.get(batch) == products:
            return
        self._known[batch] = products
        self._teach(batch, products)

    def _teach(self, batch: str, products: frozenset[str]) -> None:
        for version, redactor in self._of.values():
            if products and products <= {code for _, code in version.codes}:
                redactor.learn(own=[batch])
            else:
                redactor.learn(foreign=[batch])

    def see(self, sent: Sent, moment: int) -> Redacted:
        """What the holder sees of a record that is sent to it."""
        rule = sent.decision.rule
        name = self._last(sent.decision.holder, moment) if rule is None else (rule.agreement, rule.version)
        if name is None:
            return Redacted(None)
        version, redactor = self._of[name]
        return redactor(sent.record, None if rule is None else rule.clause, self._others_batch(sent.record, version))

    def _last(self, holder: str, moment: int) -> tuple[str, int] | None:
        """The version in force with a holder, or the last that was."""
        begun = [one for one in self._signed.versions if one.agreement.holder.id == holder and one.begins <= moment]
        return _name(max(begun, key=lambda one: one.begins)) if begun else None

    def _others_batch(self, record: Record, version: SignedVersion) -> Mapping[str, Reason]:
        """The batch that was there before, unless it is known to be the holder's."""
        if not isinstance(record, LineClearance) or record.previous is None:
            return {}
        own = any(code == self._product_of(record.previous) for _, code in version.codes)
        return {} if own else {"previous": Reason(NAMED_TERMS, BLACK)}

    def without_words(self, frame: Frame, shares: list[Share]) -> list[Share]:
        """Samples of text that name what is another holder's do not go."""
        texts = [(row, value) for row, value in frame.beside.items() if isinstance(value, str)]
        if not texts or not shares:
            return shares
        masks, changed = dict[str, Mask](), False
        for holders, rows in shares:
            for holder in holders:
                mask = np.ones(len(frame), dtype=np.bool_) if rows is None else rows.copy()
                bad = [row for row, text in texts if mask[row] and self._names_others(holder, text)]
                mask[bad] = False
                changed |= bool(bad)
                masks[holder] = mask
        return grouped(masks.items()) if changed else shares

    def _names_others(self, holder: str, text: str) -> bool:
        own = (redactor for one, redactor in self._of.values() if one.agreement.holder.id == holder)
        return any(redactor.names_others(text) for redactor in own)


def _name(version: SignedVersion) -> tuple[str, int]:
    return version.agreement.agreement, version.agreement.version
