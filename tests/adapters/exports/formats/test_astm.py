"""ASTM E1394 results, plain or in frames."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.exports import mapping as mappings
from adapters.exports.accounting import Account, Refused, Taken
from adapters.exports.formats.astm import astm_rows
from adapters.exports.formats.row import FileRefusedError, Row
from adapters.exports.mapping import Format
from adapters.exports.trying import outcomes_of
from schemas.exported import TestResult

READY = Path(mappings.__file__).parent / "mappings"
PLAIN = (READY / "astm-results.plain.astm").read_bytes()
FRAMES = (READY / "astm-results.frames.astm").read_bytes()
COLUMNS = ("O.3", "R.3.4", "R.4", "R.9")
STX, ETX, ETB, ENQ, EOT = b"\x02", b"\x03", b"\x17", b"\x05", b"\x04"


def written(folder: Path, octets: bytes) -> Path:
    path = folder / "a.astm"
    path.write_bytes(octets)
    return path


def came(path: Path, *columns: str, encoding: str = "utf-8") -> list[Row]:
    form = Format.model_validate({"type": "astm", "encoding": encoding})
    return list(astm_rows(path, form, frozenset(columns or COLUMNS)))


def frame(number: int, text: bytes, end: bytes = ETX) -> bytes:
    summed = str(number).encode() + text + end
    return STX + summed + b"%02X\r\n" % (sum(summed) % 256)


def message(*results: bytes, end: bytes = b"L|1|N") -> bytes:
    return b"\r".join([b"H|\\^&", b"P|1", b"O|1|S1", *results, end]) + b"\r"


def test_rows_are_results_with_what_they_stand_under(tmp_path: Path) -> None:
    """Fields and components count from 1; an order does not outlive its patient."""
    octets = b"H|\\^&|||A\nP|1|P1\nO|1|S1\nR|1|^^^pH|6.9\nP|2|P2\nR|1|^^^pH|7.1|||||F\nL|1\n"
    rows = came(written(tmp_path, octets), "H.5", "O.3 | P.3", "R.3.4", "R.4")
    assert [(row.line, *row.cells.values()) for row in rows] == [
        (4, "A", "S1", "pH", "6.9"),
        (6, "A", "P2", "pH", "7.1"),
    ]
    assert rows[0].raw == b"R|1|^^^pH|6.9"


def test_escapes_are_read_and_repeats_refuse_the_row(tmp_path: Path) -> None:
    """The delimiters are those that the header declares."""
    octets = b"H!~^&\rO!1!S1\rR!1!^^^a&F&b!1&S&2!!!!!F\rR!2!^^^c!1~2!!!!!F\rL!1\r"
    first, second = came(written(tmp_path, octets))
    assert (first.cells["R.3.4"], first.cells["R.4"]) == ("a!b", "1^2")
    assert second.cells[""] == "R.4: stands more than once"


def test_f71_frames_say_what_the_plain_records_say(tmp_path: Path) -> None:
    """Texts go on behind ETB; a frame that was wrong and came again, or came twice, counts once."""
    framed, plain = came(written(tmp_path, FRAMES)), came(written(tmp_path, PLAIN))
    assert [(row.cells, row.raw) for row in framed] == [(row.cells, row.raw) for row in plain]
    assert len(plain) == 6


def test_f71_a_wrong_checksum_refuses_the_file(tmp_path: Path) -> None:
    """Where the frame did not come again: what it said is not known."""
    good = [frame(1, b"H|\\^&\rO|1|S1\r"), frame(2, b"R|1|^^^pH|6.9|||||F\r"), frame(3, b"L|1|N\r")]
    assert len(came(written(tmp_path, ENQ + b"".join(good) + EOT))) == 1
    good[1] = good[1].replace(b"6.9", b"9.9")
    with pytest.raises(FileRefusedError, match="frame 3: has number 3 behind 1"):
        came(written(tmp_path, ENQ + b"".join(good) + EOT))
    with pytest.raises(FileRefusedError, match=r"frame 2: its checksum is .., reckoned is ..; it did not"):
        came(written(tmp_path, ENQ + b"".join(good[:2]) + EOT))


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (ENQ + frame(2, message()) + EOT, "frame 1: has number 2 behind 0"),
        (ENQ + frame(1, b"H|\\^&\r") + frame(1, b"L|1\r") + EOT, "frame 2: has number 1 behind 1"),
        (frame(1, message()), "without ENQ"),
        (ENQ + frame(1, message()), "cut off behind frame 1"),
        (ENQ + frame(1, message()) + EOT + EOT, "out of place"),
        (ENQ + frame(1, message()[:-4], ETB) + EOT, "out of place"),
        (ENQ + b"x" + frame(1, message()) + EOT, "neither a frame nor its beginning"),
        (message(end=b"L|1|T"), "broken off"),
        (message(b"H|\\^&"), "cannot stand here"),
        (message(b"Z|1"), "cannot stand here"),
        (message() + b"R|1\r", "cannot stand here"),
        (b"H|||\rL|1\r", "declares no delimiters"),
        (b"", "cut off"),
        (message(b"R|" + b"x" * 300_000), "longer than"),
    ],
)
def test_f71_what_is_out_of_order_refuses_the_file(tmp_path: Path, octets: bytes, told: str) -> None:
    """Frames and records."""
    with pytest.raises(FileRefusedError, match=told):
        came(written(tmp_path, octets))


def test_f71_a_correction_replaces_and_only_what_is_final_counts(tmp_path: Path) -> None:
    """P, X, I and S are refused as not final; C is a new version of what it corrects."""
    lines = [b"R|%d|^^^pH|%s|||||%s||||20260302103000" % one for one in statuses()]
    account = Account()
    outcomes = list(
        outcomes_of(written(tmp_path, message(*lines)), mappings.load(READY / "astm-results.yaml"), account)
    )
    taken = [one.record for one in outcomes if isinstance(one, Taken)]
    assert [(one.reported, one.status, one.version) for one in taken if isinstance(one, TestResult)] == [
        ("6.9", "final", 1),
        ("7.0", "corrected", 2),
    ]
    assert taken[1].replaces == taken[0].id
    assert all("not final" in one.reason for one in outcomes if isinstance(one, Refused))
    assert (account.read, account.refused) == (6, 4)


def statuses() -> list[tuple[int, bytes, bytes]]:
    given = [(b"6.8", b"P"), (b"", b"X"), (b"", b"I"), (b"6.8", b"S"), (b"6.9", b"F"), (b"7.0", b"C")]
    return [(number, *one) for number, one in enumerate(given, 1)]


def test_letters_of_several_octets_may_hold_delimiters(tmp_path: Path) -> None:
    """In GB18030 a bar may be the second octet of a letter."""
    letter = next(one for one in map(chr, range(0x4E00, 0x9FFF)) if one.encode("gb18030")[1:] == b"|")
    octets = message(f"R|1|^^^{letter}|1|||||F".encode("gb18030"))
    (row,) = came(written(tmp_path, octets), "R.3.4", "R.4", encoding="gb18030")
    assert row.cells == {"R.3.4": letter, "R.4": "1"}
    with pytest.raises(FileRefusedError):
        came(written(tmp_path, octets))


@pytest.mark.parametrize("octets", [PLAIN, FRAMES], ids=["plain", "frames"])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, octets: bytes) -> None:
    """Wherever it is cut, but for the end of its last record."""
    for end in range(len(octets) - (len("|1|N\r") if octets is PLAIN else 0)):
        with pytest.raises(FileRefusedError):
            came(written(tmp_path, octets[:end]))


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, len(FRAMES) - 1), octet=st.integers(0, 255))
def test_a_changed_octet_changes_no_result(tmp_path_factory: pytest.TempPathFactory, at: int, octet: int) -> None:
    """The frames with it are refused, or say what they said."""
    folder = tmp_path_factory.getbasetemp()
    wanted = [row.cells for row in came(written(folder, PLAIN))]
    try:
        rows = came(written(folder, FRAMES[:at] + bytes([octet]) + FRAMES[at + 1 :]))
    except FileRefusedError:
        return
    assert [row.cells for row in rows] == wanted


@settings(max_examples=300, deadline=None)
@given(
    texts=st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])), max_size=5),
    size=st.integers(1, 40),
)
def test_any_text_comes_through_frames_of_any_size(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], size: int
) -> None:
    """Escaped as the standard has it; a letter may stand in two frames."""
    escapes = str.maketrans({"|": "&F&", "\\": "&R&", "^": "&S&", "&": "&E&"})
    records = message(*(f"R|1|a|{text.translate(escapes)}|||||F".encode() for text in texts))
    parts = [records[at : at + size] for at in range(0, len(records), size)]
    ends = [ETB] * (len(parts) - 1) + [ETX]
    sent = b"".join(frame(number % 8, *one) for number, one in enumerate(zip(parts, ends, strict=True), 1))
    rows = came(written(tmp_path_factory.getbasetemp(), ENQ + sent + EOT), "R.4")
    assert [row.cells.get("R.4", "") for row in rows] == [text if text.strip() else "" for text in texts]


@settings(max_examples=200, deadline=None)
@given(octets=st.binary(max_size=200) | st.text("HPORCL|\\^&\r\x02\x03\x05\x04 1a", max_size=60).map(str.encode))
def test_any_bytes_are_rows_or_a_refusal(tmp_path_factory: pytest.TempPathFactory, octets: bytes) -> None:
    """No other exception."""
    try:
        rows = came(written(tmp_path_factory.getbasetemp(), octets))
    except FileRefusedError:
        return
    assert all(row.raw[:1].upper() == b"R" for row in rows)
