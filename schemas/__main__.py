"""`python -m schemas` writes the Avro schemas that are derived from dataclasses."""

from pathlib import Path

from schemas.catalogue import DERIVED
from schemas.derived import text

for name, kind in DERIVED.items():
    (Path(__file__).parent / "avro" / f"{name.lower()}.avsc").write_text(text(kind), encoding="utf-8")
