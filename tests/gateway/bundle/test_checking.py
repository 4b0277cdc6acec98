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
from gateway.proof.keys import public_keys
from gateway.proof.note import SigningKey
from gateway.proof.tlogproof import TlogProof
from schemas.catalogue import schema
from tests.gateway.bundle.bundles import SIZE, bundle, listed_anew
from tests.gateway.test_verify import key

Files = dict[str, bytes]
FRAMES = schema_path(schema("Frame").fingerprint)
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
    checked = check(whole, public_keys(own))
    assert checked.faults == []
    assert checked.proven == list(range(1, SIZE + 1))
    assert str(checked) == (
        "cmo-a.line-3.holder-b.measurements.v1: entries 1 to 22 of 22, "
        "proven by the seal of 2023-11-14 22:14:00 UTC"
    )  # fmt: skip


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_altered_byte_names_its_file(whole: Files, own: SigningKey, data: st.DataObject) -> None:
    """In every file, the README and the manifest too; only a schema that loses its entry is named beside."""
    path = data.draw(st.sampled_from(sorted(whole)))
    at = data.draw(st.integers(0, len(whole[path]) - 1))
    octets = bytearray(whole[path])
    octets[at] ^= data.draw(st.integers(1, 255))
    found = named(check(whole | {path: bytes(octets)}, public_keys(own)))
    assert path in found
    assert found <= {path} | SCHEMAS


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_manifest_made_anew_hides_nothing_that_is_proven(whole: Files, own: SigningKey, data: st.DataObject) -> None:
    """It is not signed; entries, proofs, schemas and the seal do not rest on it."""
    path = data.draw(st.sampled_from([path for path in sorted(whole) if "/" in path and not path.startswith("keys/")]))
    octets = bytearray(whole[path])
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    found = named(check(listed_anew(whole | {path: bytes(octets)}), public_keys(own)))
    assert found & {path, path.replace("proofs/", "entries/").replace(".tlog-proof", ".avro")}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_altered_seal_is_found_whatever_the_manifest_says(
    whole: Files, own: SigningKey, data: st.DataObject
) -> None:
    """Each byte of the note is covered by its two signatures or is one of them."""
    octets = bytearray(whole[CHECKPOINT])
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    assert named(check(listed_anew(whole | {CHECKPOINT: bytes(octets)}), public_keys(own))) == {CHECKPOINT}


def test_each_missing_file_is_named(whole: Files, own: SigningKey) -> None:
    """Whichever it is."""
    for path in whole:
        rest = {other: octets for other, octets in whole.items() if other != path}
        assert path in named(check(rest, public_keys(own))), path


@pytest.mark.parametrize(
    "path",
    ["notes.txt", "entries/1.avro", "entries/0000000000.avro", "schemas/../x.avsc", "keys/a/b.vkey", "a\x1b[2Jb", ""],
)
def test_a_file_that_does_not_belong_is_named(whole: Files, own: SigningKey, path: str) -> None:
    """Listed in the manifest or not."""
    for files in (whole | {path: b"x"}, listed_anew(whole | {path: b"x"})):
        checked = check(files, public_keys(own))
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
    assert named(check(listed_anew(forge(whole)), public_keys(own))) == expected


def test_the_keys_in_the_bundle_are_not_trusted(whole: Files, own: SigningKey) -> None:
    """Nor is another key of the same name, nor the right key under another name, nor none."""
    stranger = key()
    renamed = SigningKey("cmo-a/sender/line-4", own.private)
    for trusted in (public_keys(stranger), public_keys(renamed), ()):
        checked = check(whole, trusted)
        assert named(checked) == {CHECKPOINT}
        assert checked.proven == []
        assert str(checked) == "nothing is proven"


def test_proofs_of_another_seal_are_not_mixed_in(whole: Files, own: SigningKey, tmp_path: Path) -> None:
    """Both streams are genuine, each under the same key."""
    other = bundle(tmp_path, own)
    mixed = whole | {path: other[path] for path in (entry_path(7), proof_path(7))}
    assert named(check(listed_anew(mixed), public_keys(own))) == {proof_path(7)}


def test_a_damaged_manifest_accuses_no_file(whole: Files, own: SigningKey) -> None:
    """Its first line covers the others."""
    for altered in (b"", b"\n", whole[MANIFEST] * 2, whole[MANIFEST][:-1], whole[MANIFEST].replace(b"  ent", b"  tne")):
        assert named(check(whole | {MANIFEST: altered}, public_keys(own))) == {MANIFEST}


def test_the_manifest_is_read_by_the_usual_tool(whole: Files, tmp_path: Path) -> None:
    """`sha256sum -c`."""
    write_bundle(whole, tmp_path / "out", lambda _: None)
    command = ["sha256sum", "--strict", "-c", MANIFEST]
    done = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len(whole) - 1
