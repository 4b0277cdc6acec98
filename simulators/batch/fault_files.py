"""Faults of whole files and folders: F60, F63, F69, F71, F72."""

from dataclasses import replace

from simulators.batch.astm import framed, message
from simulators.batch.b2mml import NAMESPACE, production_record
from simulators.batch.batch import DAY, MINUTE
from simulators.batch.laboratory import ANALYSER
from simulators.batch.plan import RECORD, Away, File, Plan, analysed

BOMB = '<!DOCTYPE a [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)) + "]>"
"""A thousand million times "ha"."""
OUTSIDE = '<!DOCTYPE a [<!ENTITY a9 SYSTEM "file:///etc/hostname">]>'


def unfinished(plan: Plan) -> None:
    """F60: one file stops in the middle for ever, under its own name; another grows slowly."""
    first, second = _of(plan, "lims", "TestResult")[:2]
    half = first.like("half", first.octets[: len(first.octets) * 3 // 5], manner="unfinished")
    plan.files.append(half)
    plan.files[plan.files.index(second)] = replace(second, manner="slow")
    plan.note("F60", "never finished", file=_path(half), expect="nothing taken")
    plan.note("F60", "written slowly", file=_path(second), expect="taken once, whole")


def miscoded(plan: Plan) -> None:
    """F63: the newest list of results, first in four encodings that nobody declared."""
    right = _of(plan, "lims", "TestResult")[-1]
    declared = "gb18030" if "gb18030" in right.dialect else "utf-16" if "unicode" in right.dialect else "utf-8"
    text = right.octets.decode(declared)
    other = "utf-8" if declared == "gb18030" else "gb18030"
    spoilt = {
        "other-encoding": text.encode(other),
        "utf-16": text.encode("utf-16-be" if declared == "utf-16" else "utf-16"),
        "nul": right.octets.replace(b"\n", b"\n\0\0\0", 2),
        "mojibake": text.encode(declared).decode("latin-1").encode(declared),
    }
    for mark, octets in spoilt.items():
        bad = right.like(mark, octets)
        plan.files.append(bad)
        plan.note("F63", mark, file=_path(bad), declared=declared, expect="file refused")


def bad_xml(plan: Plan) -> None:
    """F69: the batch record cut off, with a bomb, with an entity from outside; then whole, its namespace never used."""
    right = _of(plan, RECORD, "BatchProductionRecord")[0]
    begin, end = b"?>\n", b"</ID>"
    head, rest = right.octets.split(begin, 1)
    spoilt = {"cut": right.octets[: len(right.octets) * 7 // 10]}
    for mark, text in (("bomb", BOMB), ("outside", OUTSIDE)):
        spoilt[mark] = head + begin + text.encode() + rest.replace(end, b"&a9;" + end, 1)
    for mark, octets in spoilt.items():
        bad = right.like(mark, octets)
        plan.files.append(bad)
        plan.note("F69", mark, file=_path(bad), expect="file refused")
    unused = production_record(plan.batch, plan.site.zone, f'xmlns:b2mml="{NAMESPACE}"')
    plan.files[plan.files.index(right)] = replace(right, octets=unused)
    plan.note("F69", "namespace declared and not used", file=_path(right), expect="taken")


def bad_frames(plan: Plan) -> None:
    """F71: first a message with a frame whose checksum is wrong and that is not sent again; later a correction."""
    results = [one for one in plan.facts if one.system == ANALYSER]
    right = _of(plan, ANALYSER, "TestResult")[0]
    bad = right.like("checksum", framed(message(results, plan.site.zone), spoilt=4))
    plan.files.append(bad)
    plan.note("F71", "wrong checksum", file=_path(bad), expect="refused")
    one = results[0]
    value = round(one.fields["value"] + 0.002, 3)
    told = one.told + DAY
    said = {"reported": f"{value:.3f}", "value": value, "status": "corrected", "time": told}
    changed = replace(one, told=told, version=2, fields={**one.fields, **said})
    plan.facts.append(changed)
    again = analysed([changed], plan.site.zone, right.name.replace("-01", "-02"), "C")
    plan.files.append(again)
    plan.note("F71", "correction record", file=_path(again), key=one.key, expect="correction")


def unmounted(plan: Plan) -> None:
    """F72: the share of the LIMS is away for as long as its middle list would take, and comes back with all files."""
    own = sorted((one for one in plan.files if one.system == "lims"), key=lambda one: one.at)
    middle = own[len(own) // 2]
    away = Away("lims", middle.at - MINUTE, middle.at - MINUTE // 2)
    plan.away.append(away)
    plan.note("F72", "share away", system="lims", at=away.at, back=away.back, expect="a finding, nothing withdrawn")


def _of(plan: Plan, system: str, kind: str) -> list[File]:
    """The right files of a list, the oldest first: those of another fault have no records of their own."""
    found = [one for one in plan.files if (one.system, one.kind) == (system, kind)]
    return sorted((one for one in found if one.records or system == RECORD), key=lambda one: one.at)


def _path(file: File) -> str:
    return f"{file.system}/{file.name}"
