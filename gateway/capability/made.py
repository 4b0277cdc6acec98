"""The files of a capability report, made and signed."""

import json
from collections.abc import Mapping

from fastapi.encoders import jsonable_encoder

from gateway.capability.archived import Capability
from gateway.capability.pdf import pdf_of
from gateway.capability.signed import ENDING, sign
from gateway.languages import Language
from gateway.proof.note import SigningKey
from gateway.views.display import Clock


def name_of(report: Capability, language: Language) -> str:
    """What its files are called, without an ending."""
    clock = Clock.of(report.zone)
    first, last = (clock.local(moment) for moment in (report.facts.begin, report.facts.end))
    return f"capability-{first:%Y%m%dT%H%M}-{last:%Y%m%dT%H%M}-{language}"


def files_of(report: Capability, language: Language, *, printed: int, key: SigningKey) -> Mapping[str, bytes]:
    """The PDF, the same as data, and the note that signs both; `printed` is UTC microseconds."""
    name, facts = name_of(report, language), report.facts
    data = json.dumps(jsonable_encoder(report), ensure_ascii=False, indent=1, sort_keys=True).encode()
    files = {f"{name}.pdf": pdf_of(report, language, printed=printed), f"{name}.json": data}
    return files | {f"{name}{ENDING}": sign(files, facts.begin, facts.end, printed, key)}
