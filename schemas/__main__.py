"""`python -m schemas` writes the Avro schemas that are derived from dataclasses."""

from pathlib import Path

from schemas.derived import text
from schemas.exported import KINDS

for name, kind in KINDS.items():
    (Path(__file__).parent / "avro" / f"{name.lower()}.avsc").write_text(text(kind), encoding="utf-8")
