"""Commitments against another program's JSON and SHA-256: Node.js."""

import json
import random
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from schemas.commitment import canonical, digest_of, salt_text

SCRIPT = Path(__file__).parent / "commitments" / "check.mjs"
TEXTS = ["", "240611A", "甲批", 'quote " slash / back \\', "\t\n\r\b\f\x00\x1f\x7f", "\u2028\u2029", "é ﬁ 😀", "<&>"]
NUMBERS = [
    0.0,
    1.0,
    -7.25,
    1e21,
    1e20,
    999999999999999900000.0,
    1e-6,
    1e-7,
    5e-324,
    1.7976931348623157e308,
    0.1,
    2**53 - 1,
]


def cases() -> list[tuple[bytes, str, Any]]:
    """Salts, records and values; numbers of every size, by the same seed."""
    drawn = random.Random(9)
    doubles = [struct.unpack("<d", drawn.randbytes(8))[0] for _ in range(2000)]
    finite = [one for one in doubles if one == one and abs(one) != float("inf")]  # noqa: PLR0124 - NaN
    near = [drawn.randint(-(10**9), 10**9) / 10 ** drawn.randint(0, 12) for _ in range(500)]
    return [(drawn.randbytes(16), f"r{at}", one) for at, one in enumerate([*TEXTS, *NUMBERS, *finite, *near])]


def test_another_program_finds_the_same_commitments() -> None:
    """From the five parts alone: it reads numbers with its own reader and writes them with its own writer."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    every = cases()
    lines = [json.dumps([salt_text(salt), "s", record, "K.f", value]) for salt, record, value in every]
    done = subprocess.run(
        [node, str(SCRIPT)], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=120, check=True
    )
    ours = [digest_of(canonical(salt, "s", record, "K.f", value)).hex() for salt, record, value in every]
    assert done.stdout.split() == ours
