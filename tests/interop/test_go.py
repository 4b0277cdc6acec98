"""Seals, receipts, proofs and bundles against the Go libraries that transparency logs use; nobody here wrote those."""

import json
import os
import shutil
import subprocess
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from gateway.bundle.contents import CHECKPOINT, entry_path, proof_path
from gateway.bundle.manifest import write_manifest
from gateway.proof.checkpoint import countersign
from gateway.proof.keys import Role, generate, save
from gateway.proof.merkle import Subtrees, consistency_proof, inclusion_proof, leaf_hash
from gateway.proof.note import COSIGNATURE, ED25519, Note
from gateway.proof.tlogproof import TlogProof
from tests.gateway.bundle.bundles import bundle
from tests.gateway.proof.streams import NODE, OTHER, SENDER, START, STREAM, entries, sealed
from tests.gateway.published import COUNT, ONE, RECEIVED
from tests.gateway.published import NODE as HOLDER

HERE = Path(__file__).parent / "go"
ENTRIES = entries(300)
SUBTREES = Subtrees(lambda first, count: b"".join(map(leaf_hash, ENTRIES[first : first + count])))
SIZES = (1, 2, 3, 7, 8, 255, 256, 257, 300)
SENDER_KEY, SENDER_TIMED, NODE_KEY = SENDER.verifier(ED25519), SENDER.verifier(COSIGNATURE), NODE.verifier(COSIGNATURE)


@dataclass
class Case:
    """What is given to the Go program, and whether it has to accept it."""

    name: str
    accepted: bool
    fields: dict[str, Any] = field(default_factory=dict)


def altered(octets: bytes, at: int) -> bytes:
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]


def case(name: str, kind: str, *, accepted: bool = True, **fields: Any) -> Case:
    return Case(name, accepted, {"kind": kind, "origin": STREAM, "key": str(SENDER_KEY)} | fields)


def receipt(size: int) -> bytes:
    return countersign(sealed(ENTRIES, size, START), NODE, START + 7)


def checkpoints() -> list[Case]:
    whole: dict[str, Any] = {"cosigners": [str(SENDER_TIMED), str(NODE_KEY)], "times": [START, START + 7]}
    note = receipt(300)
    return [
        *(case(f"receipt of {size}", "checkpoint", checkpoint=receipt(size), **whole) for size in SIZES),
        case("text altered", "checkpoint", accepted=False, checkpoint=altered(note, len(STREAM) + 1), **whole),
        case("cosignature altered", "checkpoint", accepted=False, checkpoint=altered(note, len(note) - 20), **whole),
        case("another time", "checkpoint", accepted=False, checkpoint=note, **{**whole, "times": [START, START + 8]}),
        case("not countersigned", "checkpoint", accepted=False, checkpoint=sealed(ENTRIES, 300, START), **whole),
        case(
            "another sender",
            "checkpoint",
            accepted=False,
            checkpoint=countersign(sealed(ENTRIES, 300, START, OTHER), NODE, START + 7),
            **whole,
        ),
    ]


def exported() -> list[Case]:
    """What `cmo-gateway export` writes: the countersigned seal, and the proof of each entry."""
    with TemporaryDirectory() as folder:
        own = generate("cmo-a", Role.SENDER, "line-3")
        files = bundle(Path(folder), own)
    keys: dict[str, Any] = {"key": str(own.verifier(ED25519)), "origin": ONE.name}
    keys["cosigners"] = [str(own.verifier(COSIGNATURE)), str(HOLDER.verifier(COSIGNATURE))]
    keys["times"] = [START + 40, RECEIVED]
    pairs = [(files[proof_path(number)], files[entry_path(number)]) for number in range(1, COUNT + 1)]
    return [
        case("exported checkpoint", "checkpoint", checkpoint=files[CHECKPOINT], **keys),
        *(case(f"exported {at}", "inclusion", proof=one, entry=entry, **keys) for at, (one, entry) in enumerate(pairs)),
    ]


def manifests() -> list[Case]:
    """Signed notes that are no checkpoints."""
    octets = write_manifest({"README": "ab" * 32, "checkpoint": "cd" * 32}, NODE, START)
    keys: dict[str, Any] = {"key": str(NODE.verifier(ED25519)), "cosigners": [str(NODE_KEY)], "times": [START]}
    return [
        case("manifest", "note", note=octets, **keys),
        case("a digest altered", "note", accepted=False, note=altered(octets, 40), **keys),
        case("its signature altered", "note", accepted=False, note=altered(octets, len(octets) - 200), **keys),
        case("its time altered", "note", accepted=False, note=altered(octets, len(octets) - 20), **keys),
        case("at another time", "note", accepted=False, note=octets, **{**keys, "times": [START + 1]}),
        case("by another node", "note", accepted=False, note=octets, **{**keys, "key": str(SENDER_KEY)}),
    ]


def inclusions() -> list[Case]:
    def written(index: int, size: int) -> bytes:
        return TlogProof(index, tuple(inclusion_proof(index, size, SUBTREES)), receipt(size), b"extra").to_bytes()

    pairs = [(index, size) for size in SIZES for index in {0, size // 2, size - 1}]
    return [
        *(
            case(f"{index} in {size}", "inclusion", proof=written(index, size), entry=ENTRIES[index])
            for index, size in pairs
        ),
        case("another entry", "inclusion", accepted=False, proof=written(9, 300), entry=ENTRIES[10]),
        case(
            "another index",
            "inclusion",
            accepted=False,
            proof=written(9, 300).replace(b"x 9", b"x 8"),
            entry=ENTRIES[9],
        ),
        case("a hash altered", "inclusion", accepted=False, proof=altered(written(9, 300), 70), entry=ENTRIES[9]),
    ]


def consistencies() -> list[Case]:
    def pair(old: int, new: int) -> dict[str, Any]:
        proof = consistency_proof(old, new, SUBTREES)
        return {"checkpoint": receipt(old), "newer": receipt(new), "hashes": proof}

    pairs = [(old, new) for old in SIZES for new in SIZES if old <= new]
    damaged = pair(7, 300)
    damaged["hashes"] = [*damaged["hashes"][:2], bytes(32), *damaged["hashes"][3:]]
    return [
        *(case(f"{old} to {new}", "consistency", **pair(old, new)) for old, new in pairs),
        case("a hash in the middle altered", "consistency", accepted=False, **damaged),
    ]


CASES = checkpoints() + exported() + manifests() + inclusions() + consistencies()


def encoded(value: Any) -> Any:
    """As Go's JSON reads bytes."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, dict):
        return {name: encoded(one) for name, one in value.items()}
    return [encoded(one) for one in value] if isinstance(value, list) else value


def run(cases: list[dict[str, Any]]) -> list[str]:
    if shutil.which("go") is None:
        missing = "Go is missing: the interoperability tests need `go` on the PATH (https://go.dev/dl)"
        if os.environ.get("CI"):
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    done = subprocess.run(
        ["go", "run", "."], cwd=HERE, input=json.dumps(encoded(cases)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_go_accepts_what_is_genuine_and_nothing_else() -> None:
    """Seals with signed time and countersignature, inclusion proofs as files, consistency proofs, manifests."""
    answers = run([one.fields for one in CASES])
    assert len(answers) == len(CASES)
    wrong = [
        f"{one.fields['kind']}, {one.name}: {answer}"
        for one, answer in zip(CASES, answers, strict=True)
        if (answer == "ok") != one.accepted
    ]
    assert wrong == []


def test_go_signs_with_our_key_file(tmp_path: Path) -> None:
    """The private key file is one of golang.org/x/mod/sumdb/note, and the note that Go signs is ours."""
    key = generate("cmo-a", Role.SENDER, "line-3")
    save(key, tmp_path / "one.key")
    text = "any text\n"
    (answer,) = run([{"kind": "sign", "key": (tmp_path / "one.key").read_text().strip(), "text": text}])
    assert b64decode(answer) == Note(text, (key.sign(text, ED25519),)).to_bytes()
