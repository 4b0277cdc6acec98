"""Bundles out of the archive: what anybody can check with no network."""

from pathlib import Path

import pytest

from gateway.bundle.archived import Proofs
from gateway.bundle.checking import check
from gateway.bundle.contents import BundleError, entry_path
from gateway.proof.keys import public_keys
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import SigningKey
from gateway.proof.tlogproof import TlogProof
from tests.gateway.archives import archived
from tests.gateway.bundle.bundles import trust
from tests.gateway.published import COUNT, NODE, ONE, RECEIVED, key

EXPORTED = 1_700_020_000.0


def proofs(own: SigningKey) -> Proofs:
    return Proofs(NODE, public_keys(own), now=lambda: EXPORTED)


def test_one_record_of_the_archive_is_proven_with_the_receipt(tmp_path: Path) -> None:
    """With the schemas in which it is written, and by the sender's and the node's keys alone."""
    own = key()
    archive = archived(tmp_path, own)
    files = proofs(own).bundle(archive, ONE.name, [9])
    checked = check(files, trust(own, NODE))
    assert (checked.faults, checked.proven) == ([], [1, 2, 9])
    assert [(one.node, one.time) for one in checked.receipts] == [("holder-b/node/holder-b", RECEIVED)]
    altered = files | {entry_path(9): files[entry_path(9)][:-1] + b"\x7f"}
    assert entry_path(9) in {fault.path for fault in check(altered, trust(own, NODE)).faults}
    archive.close()


def test_the_proof_of_a_number_stands_by_itself(tmp_path: Path) -> None:
    """As other people's tools for transparency logs read it."""
    own = key()
    archive, made = archived(tmp_path, own), proofs(own)
    held = made.held(archive, ONE.name)
    assert held is not None
    assert held.signer.name == own.name
    proof = TlogProof.parse(made.proof(held, COUNT).to_bytes())
    seal = proof.verify(leaf_hash(held.entry(COUNT) or b""), ONE.name, public_keys(own))
    assert (proof.index, seal.size) == (COUNT - 1, COUNT)
    with pytest.raises(BundleError, match=f"number {COUNT + 1} is not proven; the newest seal counts {COUNT}"):
        made.proof(held, COUNT + 1)
    archive.close()


def test_what_is_not_proven_has_no_bundle(tmp_path: Path) -> None:
    """No such stream; or no seal that the node believes."""
    archive = archived(tmp_path, key())
    with pytest.raises(BundleError, match=r"cmo-a\.x\.holder-b\.alarms\.v1: no seal holds yet"):
        proofs(key()).bundle(archive, "cmo-a.x.holder-b.alarms.v1", [1])
    assert proofs(key()).held(archive, "no stream") is None
    archive.close()
