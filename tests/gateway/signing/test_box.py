"""A person's key under its signing password."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.proof.keys import Role
from gateway.proof.note import COSIGNATURE
from gateway.signing.box import Box, BoxError, Cost, lock
from tests.gateway.proof.streams import key
from tests.gateway.signing.persons import CMO, WANG

CHEAP = Cost(memory=32, passes=1, lanes=1)
PASSWORD = "静电 of the 7th sampling point"
LOCKED = lock(WANG, PASSWORD, CHEAP)


def test_the_password_opens_it_and_the_key_signs() -> None:
    """Also after it was written and read, and at the cost that persons get."""
    for box in (LOCKED, Box.read(LOCKED.text), lock(WANG, PASSWORD)):
        opened = box.unlock(PASSWORD)
        assert opened is not None
        line = opened.sign("text\n", COSIGNATURE, 7)
        assert WANG.verifier(COSIGNATURE).verify("text\n", line.blob) == 7
        assert box.public == WANG.verifier(COSIGNATURE)
        assert WANG.private.private_bytes_raw() not in box.text.encode()


@given(st.text().filter(lambda text: text != PASSWORD and "\ud800" not in text))
@settings(max_examples=50)
def test_no_other_password_does(password: str) -> None:
    """Whatever it is."""
    assert LOCKED.unlock(password) is None


def altered(**changes: Any) -> str:
    """The box with other contents."""
    return json.dumps(json.loads(LOCKED.text) | changes)


@pytest.mark.parametrize(
    "text",
    [
        altered(key=str(key(CMO, Role.PERSON, "li", 6).verifier(COSIGNATURE))),
        altered(key=str(key(CMO, Role.PERSON, "wang", 7).verifier(COSIGNATURE))),
        altered(cost={"memory": 64, "passes": 1, "lanes": 1}),
        altered(salt=b64encode(bytes(16)).decode()),
        altered(nonce=b64encode(bytes(12)).decode()),
        altered(sealed=b64encode(LOCKED.sealed[:-1] + bytes([LOCKED.sealed[-1] ^ 1])).decode()),
        altered(sealed=""),
    ],
    ids=["another's name", "another key", "cost", "salt", "nonce", "an altered bit", "nothing sealed"],
)  # fmt: skip
def test_an_altered_box_does_not_open(text: str) -> None:
    """So nobody's key can be put in another's place."""
    assert Box.read(text).unlock(PASSWORD) is None


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "[]", "x" * 100_000, altered(key="x"), altered(salt="AAAA"), altered(more=1),
        altered(cost={"memory": 1 << 30, "passes": 1, "lanes": 1}),
    ],
)  # fmt: skip
def test_what_is_no_box_is_named_so(text: str) -> None:
    """Also one that would take all memory to open."""
    with pytest.raises(BoxError, match="not a locked key"):
        Box.read(text)


def test_two_boxes_of_one_key_share_nothing_secret() -> None:
    """Another salt and nonce each time."""
    other = lock(WANG, PASSWORD, CHEAP)
    assert {other.salt, other.nonce, other.sealed}.isdisjoint({LOCKED.salt, LOCKED.nonce, LOCKED.sealed})
