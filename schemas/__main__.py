"""`python -m schemas` writes the Avro schemas that are derived from dataclasses."""

from pathlib import Path

from schemas import access, context, exported, opening
from schemas.derived import text

for name, kind in (exported.KINDS | context.KINDS | opening.KINDS | access.KINDS).items():
    (Path(__file__).parent / "avro" / f"{name.lower()}.avsc").write_text(text(kind), encoding="utf-8")
