"""What every long-running command does alike."""

import io
import json
import logging
import re
import sys
from collections.abc import Iterator

import pytest
import structlog

from gateway.running import complain, configure_logs, tell, visible


@pytest.fixture
def configured() -> Iterator[None]:
    before = logging.lastResort
    configure_logs()
    yield
    structlog.reset_defaults()
    logging.lastResort = before


@pytest.mark.usefixtures("configured")
def test_logs_go_to_standard_error_as_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """A logger that wrote before outlives the stream that it wrote to; a log line must never end what logs it."""
    log, first, second = structlog.get_logger("a"), io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    log.warning("one")
    said = first.getvalue()
    first.close()
    monkeypatch.setattr(sys, "stderr", second)
    log.warning("two", tag="F1.DP.M1")
    assert json.loads(said)["event"] == "one"
    assert json.loads(second.getvalue())["tag"] == "F1.DP.M1"


HARM = (
    "\nlevel=error forged", '\r{"level": "error", "event": "forged"}', "\x1b[2J\x1b]0;taken\x07", "\x9b31m", "\x7f\b\b",
    "\x85", "\u2028forged", "\N{RIGHT-TO-LEFT OVERRIDE}gol", "\ud800", "\U000e0041", "\0",
)  # fmt: skip
"""What ends a line, moves a cursor, colours, turns around or hides what follows."""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def said(word: str, error: io.StringIO, patch: pytest.MonkeyPatch) -> str:
    """What is logged of a word in each place where one may stand."""
    patch.setattr(sys, "stderr", error)
    patch.setattr(logging, "lastResort", logging.lastResort)  # put back with it
    configure_logs()
    log = structlog.get_logger("a").bind(stream=word)
    log.warning(word, problem=word, words=[word], told={"by": word})
    log.error("fell over", exc_info=ValueError(word))
    structlog.reset_defaults()
    return error.getvalue()


@pytest.mark.parametrize("word", HARM)
def test_what_a_record_says_stays_within_its_line(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """And reads back as it was."""
    lines = said(word, io.StringIO(), monkeypatch).split("\n")
    assert all(line.isprintable() for line in lines)
    first, second = (json.loads(line) for line in lines[:2])
    assert (first["problem"], first["words"], first["told"], first["stream"]) == (word, [word], {"by": word}, word)
    assert (second["exception"][0]["exc_value"], lines[2:]) == (word, [""])


@pytest.mark.parametrize("word", HARM)
def test_on_a_terminal_it_acts_on_nothing(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Colours are ours alone, and a line that is no event is set in."""
    text = said(word, Terminal(), monkeypatch)
    for ours in set(text.split("\x1b")[1:]):
        assert re.match(r"\[\d+m", ours), repr(ours)
    lines = text.replace("\x1b", "").split("\n")
    assert all(line.isprintable() for line in lines)
    assert sum(not line.startswith("    ") for line in lines if line) == 2


def test_a_complaint_is_seen_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each fault, and nothing in it that is not seen; what people write stays as it is."""
    complain("batch 240611A 无菌灌装: \x1b[31mred\nsecond")
    assert capsys.readouterr().err == "batch 240611A 无菌灌装: \\u001b[31mred\nsecond\n"
    assert visible("灌装 ≥ 10 Pa") == "灌装 ≥ 10 Pa"


def test_an_answer_is_one_line_whatever_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    """Its columns stay."""
    for word in HARM:
        tell(f"F1\t{word}")
    lines = capsys.readouterr().out.removesuffix("\n").split("\n")
    assert len(lines) == len(HARM)
    assert all(line.startswith("F1\t") and line.replace("\t", "").isprintable() for line in lines)


@pytest.mark.usefixtures("configured")
def test_what_libraries_warn_of_is_an_event_like_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """In its line too, with its trace; and what they cannot say themselves ends nothing."""
    error, other = io.StringIO(), logging.getLogger("other")
    monkeypatch.setattr(sys, "stderr", error)
    monkeypatch.setattr(other, "propagate", False)
    monkeypatch.setattr(logging, "raiseExceptions", False)
    other.warning("lost %s", "a\n\x1b[2J")
    other.error("fell over", exc_info=ValueError("b\x9b"))
    other.error("%d", "no number")
    other.info("connected")
    first, second = (json.loads(line) for line in error.getvalue().splitlines())
    assert (first["event"], first["level"], first["logger"]) == ("lost a\n\x1b[2J", "warning", "other")
    assert (second["level"], second["exception"][0]["exc_value"]) == ("error", "b\x9b")
    assert error.getvalue().replace("\n", "").isprintable()
