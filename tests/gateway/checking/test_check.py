"""Topics checked whole: what was done to them is found under its right name, and an honest one is not accused."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.checking.check import Check
from gateway.checking.trust import Trust
from gateway.link.topics import headers
from gateway.link.whole import Raw
from gateway.proof import keys
from gateway.proof.eviction import write_eviction
from gateway.proof.findings import Code
from gateway.proof.keys import Role, generate
from gateway.proof.merkle import leaf_hash
from gateway.proof.note import SigningKey
from gateway.proof.statement import Rotation, Sender, Start, write_statement
from schemas.codec import encode
from schemas.records import Evicted
from tests.gateway.published import (
    COUNT,
    NODE,
    ONE,
    START,
    entries,
    key,
    published,
    receipts,
    receipts_of,
    resent_of,
    seals_of,
)
from tests.gateway.tampering import ACTS, Topics, flipped, honest

LINE = Sender("cmo-a", "line-3")
VERIFIED = f"{ONE.name}: 22 entries verified by the seal of 2023-11-14 22:14:00 UTC"
CONFIRMED = f"{ONE.name}: confirmed up to 22 at 2023-11-14 22:15:07 UTC by holder-b"


def checked(messages: list[Raw], *trusted: SigningKey) -> Check:
    check = Check("cmo-a", "holder-b", Trust(tuple(public for one in trusted for public in keys.public_keys(one))))
    for message in messages:
        check.take(message)
    check.finish(START + 10_000)
    return check


def codes(check: Check) -> set[Code]:
    found = [finding for stream in check.streams.values() for finding in stream.findings]
    return {finding.code for finding in [*found, *check.findings]}


@pytest.fixture(scope="module")
def own() -> SigningKey:
    return key()


@pytest.fixture(scope="module")
def topics(tmp_path_factory: pytest.TempPathFactory, own: SigningKey) -> Topics:
    return honest(tmp_path_factory.mktemp("topics"), ONE, own, NODE)


def test_an_honest_topic_is_verified_to_its_last_seal(topics: Topics, own: SigningKey) -> None:
    """In words for a person, with what the holder confirmed."""
    check = checked(topics.messages, own, NODE)
    assert check.good
    assert check.lines() == [VERIFIED, CONFIRMED]


def test_receipts_of_a_node_that_is_not_trusted_confirm_nothing(topics: Topics, own: SigningKey) -> None:
    """They are no fault either."""
    check = checked(topics.messages, own)
    assert check.good
    assert check.lines() == [VERIFIED]


def test_topics_may_be_read_in_any_order_against_each_other(topics: Topics, own: SigningKey) -> None:
    """Receipts first, then seals, then entries; and the other way round."""
    places = [receipts_of(ONE), seals_of(ONE), ONE.topic]
    for order in (places, places[::-1]):
        check = checked([m for place in order for m in topics.messages if m.topic == place], own, NODE)
        assert check.lines() == [VERIFIED, CONFIRMED]


@pytest.mark.parametrize("done", ACTS)
def test_what_was_done_to_the_topics_is_found(tmp_path: Path, done: str) -> None:
    """And called what it is, and nothing else."""
    own, (act, expected) = key(), ACTS[done]
    topics = honest(tmp_path, ONE, own, NODE)
    act(topics)
    check = checked(topics.messages, own, NODE)
    assert (codes(check), check.strangers) == (expected, 0)
    assert check.good == (expected == {Code.DUPLICATE})


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_any_flipped_byte_is_found(topics: Topics, own: SigningKey, data: st.DataObject) -> None:
    """In the value, the key or any header of any message: as a finding, or as a message of no stream."""
    at = data.draw(st.integers(0, len(topics.messages) - 1))
    message = topics.messages[at]
    parts = ["value", "key", *message.headers]
    part = data.draw(st.sampled_from(parts))
    octets = {"value": message.value, "key": message.key}.get(part) or message.headers[part]
    octets = flipped(octets, data.draw(st.integers(0, len(octets) - 1)))
    if part in {"value", "key"}:
        damaged = replace(message, value=octets) if part == "value" else replace(message, key=octets)
    else:
        damaged = replace(message, headers={**message.headers, part: octets})
    assert not checked([*topics.messages[:at], damaged, *topics.messages[at + 1 :]], own, NODE).good


def with_hashes(topics: Topics, signer: SigningKey) -> list[Raw]:
    """An `Evicted` message stands in the place of entries 3 to 5."""
    messages = list(topics.messages)
    gone = entries(messages)[2:5]
    leaves = tuple(leaf_hash(messages[at].value) for at in gone)
    evicted = Evicted(first=3, leaves=leaves, note=write_eviction(ONE.name, 3, leaves, signer))
    head = dict(headers(ONE.name, "Evicted", 3, 0))
    messages[gone[0]] = Raw(ONE.topic, ONE.name.encode(), encode(evicted), head, START)
    for at in reversed(gone[1:]):
        messages.pop(at)
    return messages


def test_what_made_room_is_proven_by_its_leaves_and_told(topics: Topics, own: SigningKey) -> None:
    """With the sender's signature."""
    only = f"{ONE.name}: only hashes are left of 3 to 5; a gap of the sender says what made room"
    assert checked(with_hashes(topics, own), own, NODE).lines() == [only, VERIFIED, CONFIRMED]


def test_hashes_that_the_sender_did_not_sign_for_stand_for_nothing(topics: Topics, own: SigningKey) -> None:
    """Though each of them is right: an administrator who takes entries out this way is found."""
    check = checked(with_hashes(topics, generate("cmo-a", Role.SENDER, "line-3")), own, NODE)
    (stream,) = check.streams.values()
    found = {(finding.code, finding.first, finding.last) for finding in stream.findings}
    assert {(Code.UNSIGNED, 3, 5), (Code.MISSING, 3, 5)} <= found
    assert not stream.good


def test_what_was_sent_again_proves_the_stream_complete(topics: Topics, own: SigningKey) -> None:
    """Wherever it comes, before or after; that it was sent again is told."""
    messages = list(topics.messages)
    gone = [messages.pop(at) for at in reversed(entries(messages)[6:9])]
    again = [replace(message, topic=resent_of(ONE)) for message in reversed(gone)]
    for given_messages in ([*again, *messages], [*messages, *again, *again]):
        check = checked(given_messages, own, NODE)
        assert check.good
        assert check.lines()[0] == f"{ONE.name}: sent again and proven, not in the stream's topic: 7 to 9"
        assert check.lines()[1:] == [VERIFIED, CONFIRMED]


def test_a_forged_answer_proves_nothing(topics: Topics, own: SigningKey) -> None:
    """In the place of an entry that is missing; beside the genuine one it is passed over."""
    messages = list(topics.messages)
    gone = messages.pop(entries(messages)[6])
    forged = replace(gone, topic=resent_of(ONE), value=flipped(gone.value, 40))
    assert codes(checked([*messages, forged], own, NODE)) == {Code.ALTERED}
    check = checked([*messages, forged, replace(gone, topic=resent_of(ONE))], own, NODE)
    assert check.streams[ONE.name].resent == [7]
    assert check.streams[ONE.name].verifier.verified_to == COUNT


def test_without_a_trusted_key_nothing_is_proven(topics: Topics) -> None:
    """Whoever signs by another key proves nothing."""
    check = checked(topics.messages, key())
    assert not check.good
    assert codes(check) == {Code.WRONG_KEY}
    assert "no seal that holds" in check.lines()[-1]


def test_a_successor_of_the_trusted_key_is_trusted(tmp_path: Path, own: SigningKey) -> None:
    """By the sender's own statement among the seals, even if receipts come before it; the statement is no stranger."""
    old = key()
    rotation = Rotation(LINE, START - 10, keys.public_keys(old), keys.public_keys(own))
    stated = [
        write_statement(rotation, [old, own], START - 20), write_statement(Start(LINE, START * 10**6), [own], START)
    ]  # fmt: skip
    said = [Raw(seals_of(ONE), str(LINE).encode(), note, {}, START) for note in stated]
    messages = published(tmp_path / "j.db", own)
    check = checked([*receipts(messages), *said, *messages], old, NODE)
    assert check.good
    assert check.lines() == [VERIFIED, CONFIRMED]
    assert codes(checked([*said, *messages], key())) == {Code.WRONG_KEY}


def test_messages_of_others_are_counted(topics: Topics, own: SigningKey) -> None:
    """A stream of another CMO, a stream in the wrong topic, no stream, and a statement of another party."""
    strange = (b"cmo-x.line-3.holder-b.measurements.v1", b"cmo-a.line-3.holder-b.gaps.v1", b"", b"\xff.a.b.c.d")
    messages = [Raw(ONE.topic, b"", b"x", {"ce_source": name, "ce_id": b"1"}, START) for name in strange]
    messages += [Raw(seals_of(ONE), name, b"x", {}, START) for name in (b"", b"cmo-x.line-3", b"no sender")]
    check = checked([*topics.messages, *messages], own)
    assert check.strangers == 7
    assert not check.good
    assert check.lines()[-1] == "7 messages belong to no stream from cmo-a to holder-b"


def test_empty_topics_prove_nothing(own: SigningKey) -> None:
    """And it is said."""
    check = checked([], own)
    assert not check.good
    assert check.lines() == ["there is no stream from cmo-a to holder-b"]


def test_the_stream_of_the_helper_has_as_many_entries_as_it_says(topics: Topics) -> None:
    """What the other tests count on."""
    assert len(entries(topics.messages)) == COUNT
