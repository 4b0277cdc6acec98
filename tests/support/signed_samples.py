"""The sample agreements of three holders, signed by both parties, as a folder that programs are given."""

import shutil
import time
from datetime import date
from pathlib import Path

from gateway.agreement.loading import load_agreement
from gateway.agreement.signing import ENDING, sign
from gateway.proof.keys import Role, load
from simulators.demo.agreed import write_keys

SAMPLES = Path(__file__).parents[2] / "simulators" / "line-3" / "agreements"
HOLDERS = ("holder-b", "holder-c", "holder-d")


def signed_samples(folder: Path, until: date | None = None) -> None:
    """Into `agreements`; the signatories' public keys into `trust`, a file for each party, `PARTY.vkey`.

    `until` is the last day of all of them.
    """
    for name in ("agreements", "trust", "keys"):
        (folder / name).mkdir()
    for holder in HOLDERS:
        file = Path(shutil.copy(SAMPLES / f"{holder}.yaml", folder / "agreements"))
        if until is not None:
            file.write_text(f"{file.read_text(encoding='utf-8')}until: {until}\n", encoding="utf-8")
        agreement, note = load_agreement(file), None
        for private, public in write_keys(file, folder / "keys"):
            note = sign(agreement, file.read_bytes(), load(private, Role.SIGNATORY), int(time.time()), note)
            party = private.name.partition("-signatory-")[0]
            shutil.copy(public, folder / "trust" / f"{party}.vkey")
        assert note is not None
        file.with_name(file.name + ENDING).write_bytes(note)
