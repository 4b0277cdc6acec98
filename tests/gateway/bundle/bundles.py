"""Bundles for tests, made as `cmo-gateway export` makes them, of a stream with 22 entries."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from gateway.bundle.contents import MANIFEST, Proven
from gateway.bundle.export import Choice, bundle_of
from gateway.bundle.gathering import Gathering
from gateway.bundle.manifest import write_manifest
from gateway.checking.trust import Trust
from gateway.link.whole import Raw
from gateway.proof.keys import public_keys
from gateway.proof.note import SigningKey
from tests.gateway.published import NODE, ONE, START, published, receipts

EXPORTED = START + 20_000


def trust(*own: SigningKey) -> Trust:
    return Trust(tuple(public for key in own for public in public_keys(key)))


def gathered(messages: Iterable[Raw], own: SigningKey, choice: Choice | None = None) -> Proven:
    gathering = Gathering(ONE, trust(own, NODE), (choice or Choice()).__contains__)
    for message in messages:
        gathering.take(message)
    return gathering.finish(START + 10_000)


def bundle(folder: Path, own: SigningKey, choice: Choice | None = None, *, received: bool = True) -> dict[str, bytes]:
    chosen = choice or Choice()
    messages = published(folder / "j.db", own)
    proven = gathered([*messages, *(receipts(messages) if received else ())], own, chosen)
    return bundle_of(proven, chosen, public_keys(own), NODE, EXPORTED)


def listed_anew(files: dict[str, bytes], node: SigningKey = NODE) -> dict[str, bytes]:
    """As a forger would leave it who has the node's key, or one of his own: with a manifest that fits."""
    rest = {path: octets for path, octets in files.items() if path != MANIFEST}
    digests = {path: sha256(octets).hexdigest() for path, octets in rest.items()}
    return rest | {MANIFEST: write_manifest(digests, node, EXPORTED)}
