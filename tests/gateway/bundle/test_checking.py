"""A bundle proves what it holds, and nothing that was done to it passes."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.bundle.checking import Checked, check
from gateway.bundle.contents import CHECKPOINT, MANIFEST, README, entry_path, proof_path, schema_path
from gateway.bundle.directory import write_bundle
from gateway.proof.keys import Role, generate, public_keys
from gateway.proof.note import SigningKey
from gateway.proof.tlogproof import TlogProof
from schemas.catalogue import schema
from tests.gateway.bundle.bundles import bundle, listed_anew, trust
from tests.gateway.published import COUNT, NODE, ONE, key

Files = dict[str, bytes]
FRAMES = schema_path(schema("Frame").fingerprint)
HINT = "keys/holder-b-node-holder-b.vkey"
SCHEMAS = {FRAMES, schema_path(schema("Schema").fingerprint)}


@pytest.fixture(scope="module")
def own() -> SigningKey:
    return key()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, own: SigningKey) -> Files:
    return bundle(tmp_path_factory.mktemp("whole"), own)


def named(checked: Checked) -> set[str]:
    return {fault.path for fault in checked.faults}


def test_a_bundle_proves_all_its_entries(whole: Files, own: SigningKey) -> None:
    """In words for a person."""
    checked = check(whole, trust(own, NODE))
    assert checked.faults == []
    assert checked.proven == list(range(1, COUNT + 1))
    assert list(checked.lines()) == [
        f"{ONE.name}: entries 1 to 22 of 22, proven by the seal of 2023-11-14 22:14:00 UTC",
        "checkpoint: received and confirmed by holder-b at 2023-11-14 22:15:07 UTC",
        "manifest: signed by holder-b/node/holder-b at 2023-11-15 03:46:40 UTC",
    ]


def test_a_node_that_is_not_trusted_vouches_for_nothing(whole: Files, own: SigningKey) -> None:
    """Which is no fault, and is said; the sender's seal proves the entries all the same."""
    checked = check(whole, trust(own))
    assert checked.proven == list(range(1, COUNT + 1))
    assert list(checked.lines())[1:] == [
        "checkpoint: countersigned by holder-b/node/holder-b, whose key is not trusted; it shows no receipt",
        "manifest: signed by holder-b/node/holder-b, whose key is not trusted; it shows damage and vouches for no more",
    ]


def test_a_seal_without_a_receipt_is_told(own: SigningKey, tmp_path: Path) -> None:
    """The sender's seal alone proves the entries."""
    checked = check(bundle(tmp_path, own, received=False), trust(own, NODE))
    assert list(checked.lines())[1] == "checkpoint: not countersigned; it shows no receipt"
    assert checked.faults == []


def test_a_manifest_by_another_key_of_a_trusted_name_is_a_fault(whole: Files, own: SigningKey) -> None:
    """Also when that key lies in the bundle; for who trusts no node it is one node as good as another."""
    forger = generate("holder-b", Role.NODE, "holder-b")
    keys = "".join(f"{public}\n" for public in public_keys(forger)).encode()
    forged = listed_anew(whole | {HINT: keys, README: b"all is well"}, forger)
    assert named(check(forged, trust(own, NODE))) == {MANIFEST}
    checked = check(forged, trust(own))
    assert checked.faults == []
    assert "whose key is not trusted" in list(checked.lines())[-1]


def test_a_manifest_without_a_known_signature_is_a_fault(whole: Files, own: SigningKey) -> None:
    """Cut off, or by a key that is nowhere; a damaged key in the bundle takes the blame itself."""
    unsigned = whole[MANIFEST].partition(b"\n\n")[0] + b"\n"
    without = {path: octets for path, octets in whole.items() if path != HINT}
    assert named(check(whole | {MANIFEST: unsigned}, trust(own, NODE))) == {MANIFEST}
    assert named(check(listed_anew(without, NODE), trust(own))) == {MANIFEST}
    assert named(check(without, trust(own))) == {HINT}


def test_a_manifest_is_signed_by_a_node(whole: Files, own: SigningKey) -> None:
    """A sender's key has another role, trusted or not."""
    for trusted in (trust(own, NODE), trust(own)):
        assert named(check(listed_anew(whole, own), trusted)) == {MANIFEST}


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_one_altered_byte_names_its_file(whole: Files, own: SigningKey, data: st.DataObject) -> None:
    """In every file, README, manifest and keys too, and whether the node is trusted or not.

    Only a schema that loses its entry is named beside.
    """
    path = data.draw(st.sampled_from(sorted(whole)))
    at = data.draw(st.integers(0, len(whole[path]) - 1))
    octets = bytearray(whole[path])
    octets[at] ^= data.draw(st.integers(1, 255))
    trusted = data.draw(st.sampled_from([trust(own, NODE), trust(own)]))
    found = named(check(whole | {path: bytes(octets)}, trusted))
    assert path in found
    assert found <= {path} | SCHEMAS


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_a_manifest_made_anew_hides_nothing_that_is_proven(whole: Files, own: SigningKey, data: st.DataObject) -> None:
    """Entries, proofs, schemas and the seal do not rest on it, even where the node itself lies."""
    path = data.draw(st.sampled_from([path for path in sorted(whole) if "/" in path and not path.startswith("keys/")]))
    octets = bytearray(whole[path])
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    found = named(check(listed_anew(whole | {path: bytes(octets)}), trust(own, NODE)))
    assert found & {path, path.replace("proofs/", "entries/").replace(".tlog-proof", ".avro")}


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_an_altered_seal_is_found_whatever_the_manifest_says(
    whole: Files, own: SigningKey, data: st.DataObject
) -> None:
    """Each byte of the note is covered by its signatures or is one of them, and every proof bears the note too."""
    octets = bytearray(whole[CHECKPOINT])
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    checked = check(listed_anew(whole | {CHECKPOINT: bytes(octets)}), trust(own, NODE))
    assert CHECKPOINT in named(checked) or not checked.receipts
    assert checked.faults


def test_each_missing_file_is_named(whole: Files, own: SigningKey) -> None:
    """Whichever it is."""
    for path in whole:
        rest = {other: octets for other, octets in whole.items() if other != path}
        assert path in named(check(rest, trust(own, NODE))), path


@pytest.mark.parametrize(
    "path",
    ["notes.txt", "entries/1.avro", "entries/0000000000.avro", "schemas/../x.avsc", "keys/a/b.vkey", "a\x1b[2Jb", ""],
)
def test_a_file_that_does_not_belong_is_named(whole: Files, own: SigningKey, path: str) -> None:
    """Listed in the manifest or not."""
    added = whole | {path: b"x"}
    for files in [added, listed_anew(added)] if path.isprintable() else [added]:
        checked = check(files, trust(own, NODE))
        assert path in named(checked)
        assert all(str(fault).isprintable() for fault in checked.faults)


def swap(files: Files, one: str, other: str) -> Files:
    return files | {one: files[other], other: files[one]}


def extra(files: Files) -> Files:
    proof = TlogProof.parse(files[proof_path(5)])
    return files | {
        proof_path(5): TlogProof(proof.index, proof.hashes, proof.checkpoint, b"trust me").to_bytes()
    }  # fmt: skip


FORGERIES: list[tuple[Callable[[Files], Files], set[str]]] = [
    (lambda files: swap(files, entry_path(5), entry_path(6)), {entry_path(5), entry_path(6)}),
    (lambda files: swap(files, proof_path(5), proof_path(6)), {proof_path(5), proof_path(6)}),
    (lambda files: swap(swap(files, proof_path(5), proof_path(6)), entry_path(5), entry_path(6)),
     {proof_path(5), proof_path(6)}),
    (lambda files: swap(files, *SCHEMAS), SCHEMAS),
    (lambda files: files | {schema_path(b"12345678"): files[FRAMES]}, {schema_path(b"12345678")}),
    (extra, {proof_path(5)}),
    (lambda files: {path: octets for path, octets in files.items() if path != FRAMES}, {FRAMES}),
    (lambda files: {path: octets for path, octets in files.items() if path != entry_path(2)},
     {entry_path(2), FRAMES}),
    (lambda files: {path: octets for path, octets in files.items() if path != proof_path(9)}, {proof_path(9)}),
    (lambda files: {path: octets for path, octets in files.items() if not path.startswith(("ent", "pro", "sch"))},
     {"entries"}),
    (lambda files: {path: octets for path, octets in files.items() if path != README}, {README}),
]  # fmt: skip


@pytest.mark.parametrize(("forge", "expected"), FORGERIES)
def test_what_a_forger_did_is_found_though_the_manifest_fits(
    whole: Files, own: SigningKey, forge: Callable[[Files], Files], expected: set[str]
) -> None:
    """And nothing else is accused."""
    assert named(check(listed_anew(forge(whole)), trust(own, NODE))) == expected


def test_the_keys_in_the_bundle_are_not_trusted(whole: Files, own: SigningKey) -> None:
    """Nor is another key of the same name, nor the right key under another name, nor none."""
    stranger = key()
    renamed = SigningKey("cmo-a/sender/line-4", own.private)
    for trusted in (trust(stranger), trust(renamed), trust(), trust(NODE)):
        checked = check(whole, trusted)
        assert named(checked) == {CHECKPOINT}
        assert checked.proven == []
        assert str(checked) == "nothing is proven"


def test_proofs_of_another_seal_are_not_mixed_in(whole: Files, own: SigningKey, tmp_path: Path) -> None:
    """Both streams are genuine, each under the same key."""
    other = bundle(tmp_path, own)
    mixed = whole | {path: other[path] for path in (entry_path(7), proof_path(7))}
    assert named(check(listed_anew(mixed), trust(own, NODE))) == {proof_path(7)}


def test_a_damaged_manifest_accuses_no_file(whole: Files, own: SigningKey) -> None:
    """It vouches for none."""
    for altered in (b"", b"\n", whole[MANIFEST] * 2, whole[MANIFEST][:-1], whole[MANIFEST].replace(b"  ent", b"  tne")):
        assert named(check(whole | {MANIFEST: altered}, trust(own, NODE))) == {MANIFEST}


def test_the_manifest_is_read_by_the_usual_tool(whole: Files, tmp_path: Path) -> None:
    """`sha256sum -c`, strictly without its signatures, as the bundle's README says."""
    write_bundle(whole, tmp_path / "out", lambda _: None)
    for command in ("sha256sum -c manifest", "sed '/^$/,$d' manifest | sha256sum --strict -c"):
        assert f"`{command}`" in whole[README].decode()
        done = subprocess.run(["sh", "-c", command], cwd=tmp_path / "out", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count(": OK") == len(whole) - 1
