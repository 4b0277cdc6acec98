"""How many entries a second the verifier proves on one core."""

import time

from gateway.proof.checkpoint import Checkpoint, write_seal
from gateway.proof.keyring import KeyRing
from gateway.proof.merkle import Tree, leaf_hash
from gateway.proof.verifier import Verifier
from tests.gateway.proof.streams import LINE, SENDER, START, STREAM, TRUSTED

ENTRIES = 20_000
OCTETS = 2_000
"""Of an entry: a hundred samples. Of long ones hashing takes the most, at the processor's speed."""
EVERY = 50
"""Entries between two seals: five seconds of ten frames."""
WANTED = 20_000
"""Entries a second."""


def seals(entries: list[bytes]) -> list[tuple[int, bytes]]:
    """The number after which each seal comes, and the seal."""
    tree, made = Tree(), []
    for number, entry in enumerate(entries, 1):
        tree.append(leaf_hash(entry))
        if number % EVERY == 0:
            made.append((number, write_seal(Checkpoint(STREAM, number, tree.root()), SENDER, START + number)))
    return made


def test_a_core_proves_twenty_thousand_entries_a_second() -> None:
    """Each hashed and counted, each seal opened and compared; CPU time."""
    body = bytes(OCTETS)
    entries = [body + number.to_bytes(4, "big") for number in range(1, ENTRIES + 1)]
    leaves = {number: leaf_hash(entry) for number, entry in enumerate(entries, 1)}
    due = dict(seals(entries))
    verifier = Verifier(STREAM, KeyRing(LINE, TRUSTED), leaves.__getitem__)
    source, begin = STREAM.encode(), time.process_time()
    for number, entry in enumerate(entries, 1):
        now = float(START + number)
        verifier.take_entry(entry, source=source, number=str(number).encode(), now=now)
        if number in due:
            verifier.take_seal(due[number], now)
            verifier.tick(now, caught_up=True)
    rate = ENTRIES / (time.process_time() - begin)
    print(f"\nverifier: {rate:,.0f} entries of {OCTETS:,} octets a second")
    assert verifier.verified_to == ENTRIES
    assert rate > WANTED
