"""The receipts of one stream, checked against the tree of its entries. Pure.

A receipt repeats a seal, so it proves two things: what the sender had sealed, and that the holder's node had it. The
first is compared with what stands in the topics: entries and seals that were both taken away are missed by it.
"""

from collections.abc import Collection, Iterator

from gateway.proof.checkpoint import Receipt, Seal
from gateway.proof.findings import Code, Finding, code_of
from gateway.proof.keyring import KeyRing
from gateway.proof.merkle import HASH, Tree
from gateway.proof.note import COSIGNATURE, Note, NoteError, VerifierKey


def receipts_of(seal: Seal, nodes: Collection[VerifierKey]) -> list[Receipt]:
    """What these nodes confirm with their lines on a genuine seal.

    Raises UnknownKeyError where none of them signed, WrongSignatureError where a line of theirs does not hold.
    """
    held = Note.parse(seal.note).verify(key for key in nodes if key.type == COSIGNATURE)
    return [Receipt(seal, signature.key.name, signature.time) for signature in held]


class Receipts:
    """What the nodes of the recipient confirmed. Without a trusted key of theirs only the sender's part is checked."""

    def __init__(self, stream: str, ring: KeyRing, nodes: Collection[VerifierKey]) -> None:
        self._stream, self._ring, self._nodes = stream, ring, nodes
        self._seals: dict[tuple[int, bytes], tuple[Seal, list[Receipt]]] = {}
        self._unopened: list[bytes] = []
        self.holding: list[Receipt] = []
        """After `compare`: those by trusted nodes that agree with the proven tree, the smallest first."""

    def take(self, octets: bytes) -> None:
        """A message of the receipts' topic; of several for one root the newest is kept."""
        try:
            self._open(octets)
        except NoteError:
            self._unopened.append(octets)  # the statement that makes its key count may not be read yet

    def _open(self, octets: bytes) -> None:
        seal = self._ring.open_seal(octets, self._stream)
        receipts = receipts_of(seal, self._nodes) if self._nodes else []
        end = self._ring.end_of(self._stream)
        known = self._seals.get((seal.size, seal.root))
        if (end is None or not end.bars(seal)) and (known is None or known[0].time <= seal.time):
            self._seals[seal.size, seal.root] = seal, receipts

    def _reopen(self, now: float) -> Iterator[Finding]:
        for octets in self._unopened:
            try:
                self._open(octets)
            except NoteError as error:
                yield Finding(code_of(error), self._stream, 0, 0, f"a receipt: {error}", now)

    def compare(self, leaves: bytes, proven: int, explained: int, now: float) -> Iterator[Finding]:
        """What they show. `leaves` are the leaf hashes up to the first hole, those up to `proven` genuine.

        Numbers up to `explained` have a finding of their own already: what is not proven of them is not told again.
        """
        yield from self._reopen(now)
        received, tree, done = len(leaves) // HASH, Tree(), 0
        for (size, root), (_, receipts) in sorted(self._seals.items(), key=lambda item: item[0]):
            if size <= received:
                tree.extend(leaves[done * HASH : size * HASH])
                done = size
            if size <= received and tree.root() == root:
                self.holding += receipts if size <= proven else []
            elif size <= proven:
                text = "a receipt repeats a seal of this size with another root, signed too"
                yield Finding(Code.FORKED, self._stream, size, size, text, now)
            elif size > explained:
                first, code = (proven + 1, Code.ALTERED) if size <= received else (received + 1, Code.MISSING)
                text = "what came is not" if size <= received else "the topics do not hold"
                explained = size
                yield Finding(code, self._stream, first, size, f"{text} what a receipt's seal counts", now)
