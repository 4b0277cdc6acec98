"""What is put into a bundle: the chosen entries, what is needed to read them, and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.bundle import contents
from gateway.bundle.checking import check
from gateway.bundle.contents import CHECKPOINT, BundleError, build, entry_path, proof_path
from gateway.bundle.export import Choice, bundle_of
from gateway.link.topics import RESENT, topic
from gateway.link.whole import Raw
from gateway.proof.checkpoint import Checkpoint
from gateway.proof.eviction import write_eviction
from gateway.proof.keys import public_keys
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import Note, SigningKey
from gateway.words import ranges
from schemas.codec import encode
from schemas.records import Evicted
from tests.gateway.bundle.bundles import EXPORTED, bundle, gathered, trust
from tests.gateway.published import COUNT, NODE, ONE, START, entries, key, published, receipts, seals_of

HINTS = {"keys/cmo-a-sender-line-3.vkey", "keys/holder-b-node-holder-b.vkey"}


def numbers(files: dict[str, bytes]) -> list[int]:
    return sorted(int(path[8:18]) for path in files if path.startswith("entries/"))


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(), list(range(1, COUNT + 1))),
        (Choice(frozenset({7, 20})), [1, 2, 7, 20]),
        (Choice(first=5, last=8), [1, 2, 5, 6, 7, 8]),
        (Choice(first=21), [1, 2, 21, 22]),
        (Choice(frozenset({1})), [1]),
    ],
)
def test_the_chosen_entries_come_with_their_schemas(tmp_path: Path, choice: Choice, expected: list[int]) -> None:
    """Entry 1 is the schema of schemas, entry 2 that of frames."""
    own = key()
    files = bundle(tmp_path, own, choice)
    assert numbers(files) == expected
    assert sum(path.startswith("schemas/") for path in files) == len({1, 2} & set(expected))
    assert {path for path in files if path.startswith("keys/")} == HINTS
    assert check(files, trust(own)).proven == expected


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(frozenset({23})), "number 23 is not proven; the newest seal that holds counts 22"),
        (Choice(first=5, last=23), "number 23 is not proven"),
        (Choice(first=23), "no entry left from 23 to 22"),
    ],
)
def test_what_is_not_sealed_is_refused(tmp_path: Path, choice: Choice, expected: str) -> None:
    """With the number up to which the stream is sealed."""
    with pytest.raises(BundleError, match=expected):
        bundle(tmp_path, key(), choice)


def make_room(messages: list[Raw], own: SigningKey) -> None:
    """Entries 3 to 5 lose their octets, as `Evicted` tells."""
    gone = entries(messages)[2:5]
    leaves = tuple(leaf_hash(messages[at].value) for at in gone)
    evicted = Evicted(first=3, leaves=leaves, note=write_eviction(ONE.name, 3, leaves, own))
    messages[gone[0]] = replace(messages[gone[0]], value=encode(evicted))
    for at in reversed(gone[1:]):
        messages.pop(at)


def test_entries_that_made_room_are_left_out_of_a_range(tmp_path: Path) -> None:
    """The others are proven all the same."""
    own = key()
    messages = published(tmp_path / "j.db", own)
    make_room(messages, own)
    proven = gathered(messages, own)
    files = bundle_of(proven, Choice(), public_keys(own), NODE, EXPORTED)
    assert ranges(check(files, trust(own)).proven) == "1 to 2, 6 to 22"
    with pytest.raises(BundleError, match="number 4 made room"):
        build(proven, [4], public_keys(own), NODE, EXPORTED)
    with pytest.raises(BundleError, match="no entry left from 3 to 5"):
        Choice(first=3, last=5).of(proven)


def test_a_forged_entry_before_the_genuine_one_is_passed_over(tmp_path: Path) -> None:
    """The seal decides which of two contents is the entry."""
    own = key()
    messages = published(tmp_path / "j.db", own)
    at = entries(messages)[6]
    genuine = messages[at]
    messages.insert(at, replace(genuine, value=genuine.value[:-1] + bytes([genuine.value[-1] ^ 1])))
    proven = gathered(messages, own)
    files = build(proven, [7], public_keys(own), NODE, EXPORTED)
    assert files[entry_path(7)] == genuine.value
    assert check(files, trust(own)).faults == []


def test_messages_of_others_and_without_a_number_are_passed_over(tmp_path: Path) -> None:
    """Other streams share the topics."""
    own = key()
    messages = published(tmp_path / "j.db", own)
    other = b"cmo-a.line-4.holder-b.measurements.v1"
    messages[:0] = [
        Raw(ONE.topic, b"", b"x", {"ce_source": other, "ce_id": b"1"}, START),
        Raw(ONE.topic, b"", b"x", {"ce_source": ONE.name.encode(), "ce_id": b"0"}, START),
        Raw(ONE.topic, b"", b"x", {"ce_source": ONE.name.encode(), "ce_id": b"first"}, START),
        Raw(ONE.topic, b"", b"x", {}, START),
        Raw(seals_of(ONE), other, b"x", {}, START),
    ]
    assert gathered(messages, own).seal.size == COUNT


def test_without_a_seal_that_holds_there_is_nothing_to_export(tmp_path: Path) -> None:
    """Another key proves nothing."""
    with pytest.raises(BundleError, match=r"no seal holds for what stands in cmo-a\.holder-b\.measurements\.v1"):
        gathered(published(tmp_path / "j.db", key()), key())


def test_a_stream_without_the_schema_is_refused(tmp_path: Path) -> None:
    """Its entries could not be read in twenty years."""
    own = key()
    proven = gathered(published(tmp_path / "j.db", own), own)
    schema_of_frames = proven.leaves[32:64]
    rest = {leaf: octets for leaf, octets in proven.octets.items() if leaf != schema_of_frames}
    with pytest.raises(BundleError, match="stands nowhere in the stream"):
        build(replace(proven, octets=rest), [7], public_keys(own), NODE, EXPORTED)


def test_a_bundle_has_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written can always be checked again."""
    monkeypatch.setattr(contents, "MAX_FILES", 40)
    with pytest.raises(BundleError, match="choose fewer entries with --from and --to"):
        bundle(tmp_path, key())


def test_file_names_tell_the_number() -> None:
    """In ten digits, so that they sort."""
    assert (entry_path(42), proof_path(42)) == ("entries/0000000042.avro", "proofs/0000000042.tlog-proof")


def countersigned_at(files: dict[str, bytes]) -> tuple[int, bool]:
    """The size that the bundle's seal counts, and whether a node's line is on it."""
    note = Note.parse(files[CHECKPOINT])
    return Checkpoint.parse(note.text).size, any(line.name == NODE.name for line in note.signatures)


@pytest.mark.parametrize(
    ("choice", "received", "expected"),
    [
        (Choice(), 5, (22, True)),
        (Choice(), 4, (22, False)),
        (Choice(last=18), 4, (18, True)),
        (Choice(frozenset({7})), 3, (14, True)),
        (Choice(frozenset({7})), 1, (22, False)),
    ],
)
def test_the_newest_receipt_that_counts_all_chosen_entries_is_the_bundles_seal(
    tmp_path: Path, choice: Choice, received: int, expected: tuple[int, bool]
) -> None:
    """Seals count 6, 10, 14, 18 and 22 entries; of the first `received` there is a receipt. Else the newest seal."""
    own = key()
    messages = published(tmp_path / "j.db", own)
    proven = gathered([*receipts(messages)[:received], *messages], own, choice)
    files = bundle_of(proven, choice, public_keys(own), NODE, EXPORTED)
    assert countersigned_at(files) == expected
    assert check(files, trust(own)).faults == []


def test_what_was_sent_again_is_exported(tmp_path: Path) -> None:
    """An entry that is missing in the stream's topic, from the topic of what was sent again."""
    own = key()
    messages = published(tmp_path / "j.db", own)
    again = messages.pop(entries(messages)[6])
    messages.insert(0, replace(again, topic=topic("cmo-a", "holder-b", RESENT)))
    files = bundle_of(gathered(messages, own), Choice(), public_keys(own), NODE, EXPORTED)
    assert files[entry_path(7)] == again.value
    assert check(files, trust(own)).proven == list(range(1, COUNT + 1))
