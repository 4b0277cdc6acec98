"""Bundles for tests, made as `cmo-gateway export` makes them, of a stream with 22 entries."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from gateway.bundle.contents import MANIFEST, Proven, build, write_manifest
from gateway.bundle.export import Choice
from gateway.bundle.gathering import Gathering
from gateway.link.whole import Raw
from gateway.proof.keys import public_keys
from gateway.proof.note import SigningKey
from tests.gateway.test_verify import ONE, START, published

SIZE = 22


def gathered(messages: Iterable[Raw], own: SigningKey, choice: Choice | None = None) -> Proven:
    gathering = Gathering(ONE, public_keys(own), (choice or Choice()).__contains__)
    for message in messages:
        gathering.take(message)
    return gathering.finish(START + 10_000)


def bundle(folder: Path, own: SigningKey, choice: Choice | None = None) -> dict[str, bytes]:
    chosen = choice or Choice()
    proven = gathered(published(folder, own), own, chosen)
    return build(proven, chosen.of(proven), public_keys(own))


def listed_anew(files: dict[str, bytes]) -> dict[str, bytes]:
    """As a forger would leave it: with a manifest that fits."""
    rest = {path: octets for path, octets in files.items() if path != MANIFEST}
    return rest | {MANIFEST: write_manifest({path: sha256(octets).hexdigest() for path, octets in rest.items()})}
