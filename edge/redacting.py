"""What each holder may see of what it gets: redaction by its version of the agreement, which learns whose batches are
whose.
"""

from collections.abc import Callable

import numpy as np

from gateway.agreement.in_force import Signed, SignedVersion
from gateway.agreement.routing.frames import Share, grouped
from gateway.agreement.routing.plan import Mask
from gateway.agreement.routing.router import Sent
from gateway.redaction.pseudonyms import Pseudonyms
from gateway.redaction.redactor import Redacted, Redactor
from schemas.exported import Exported
from schemas.frame import Frame
from schemas.records import Weighing

LEAST = 3
"""A batch number of fewer characters is not looked for in text: it would be found everywhere."""


class Redaction:
    """By holder and version. Raises ValueError where an agreement asks for what cannot be withheld."""

    def __init__(
        self, sender: str, signed: Signed, product_of: Callable[[str], str | None], pseudonyms: Pseudonyms | None
    ) -> None:
        self._sender, self._product_of, self._pseudonyms = sender, product_of, pseudonyms
        self._known: dict[str, str | None] = {}
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
        for batch, product in self._known.items():
            self._teach(batch, product)

    def learn(self, record: Exported | Weighing) -> None:
        """Whose batch it is that a record names."""
        batch = record.batch or ""
        if len(batch) < LEAST:
            return
        product = getattr(record, "product", None) or self._product_of(batch)
        if batch in self._known and self._known[batch] == product:
            return
        self._known[batch] = product
        self._teach(batch, product)

    def _teach(self, batch: str, product: str | None) -> None:
        for version, redactor in self._of.values():
            if any(code == product for _, code in version.codes):
                redactor.learn(own=[batch])
            else:
                redactor.learn(foreign=[batch])

    def see(self, sent: Sent, moment: int) -> Redacted:
        """What the holder sees of a record that is sent to it."""
        rule, holder = sent.decision.rule, sent.decision.holder
        if rule is not None:
            return self._of[rule.agreement, rule.version][1](sent.record, rule.clause)
        held = (one for one in self._signed.at(moment) if one.agreement.holder.id == holder)
        version = next(held, None)
        return Redacted(None) if version is None else self._of[_name(version)][1](sent.record, None)

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
