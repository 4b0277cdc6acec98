"""Recordings on the disk."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tools import ToolError
from edge.recording.record import Recorder, load_recording


def recording(path: Path, *more: str) -> Path:
    out = io.StringIO()
    recorder = Recorder(out, "scale", "mt-sics", "octets", "port")
    number = recorder.opened()
    recorder.heard(number, "asked", b"SI\r\n")
    recorder.heard(number, "said", b"S S 1.0 g\r\n\xff\x00")
    recorder.closed(number)
    path.write_text(out.getvalue() + "".join(more), encoding="utf-8")
    return path


def test_what_was_said_is_read_back_byte_for_byte(tmp_path: Path) -> None:
    """With times that do not go back."""
    read = load_recording(recording(tmp_path / "r.jsonl"))
    assert (read.head.source, read.head.framing, read.head.place) == ("scale", "octets", "port")
    assert [event.what for event in read.events] == ["opened", "asked", "said", "closed"]
    assert read.events[2].octets == b"S S 1.0 g\r\n\xff\x00"
    assert sorted(event.at for event in read.events) == [event.at for event in read.events]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"at": 1, "connection": 1, "what": "sung"}',
        '{"at": 1, "connection": 1, "what": "said", "octets": "!"}',
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    """By file and number."""
    with pytest.raises(ToolError, match=r"r\.jsonl:6: is no line of a recording"):
        load_recording(recording(tmp_path / "r.jsonl", line))


@given(octets=st.binary(max_size=300))
def test_any_file_is_a_recording_or_refused(tmp_path_factory: pytest.TempPathFactory, octets: bytes) -> None:
    """Nothing else comes out."""
    path = tmp_path_factory.mktemp("any") / "r.jsonl"
    path.write_bytes(octets)
    with pytest.raises(ToolError):
        load_recording(path)
