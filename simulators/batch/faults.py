"""What can be wrong with exports, F60 to F72: each can be switched on by its name.

A file that is spoilt is always one more: the right one comes too, so that the truth stays whole. What a fault changes
in facts (a result as `<0.05`, a conclusion that contradicts its numbers) is true.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from simulators.batch import fault_files as files
from simulators.batch import fault_rows as rows
from simulators.batch.plan import Plan


@dataclass(frozen=True)
class Fault:
    """One behaviour, and the stage of writing at which it reaches in."""

    about: str
    stage: Literal["site", "facts", "sheets", "files"]
    apply: Callable[[Plan], None]


FAULTS: Mapping[str, Fault] = {
    "F60": Fault("half written and never finished; written slowly under its own name", "files", files.unfinished),
    "F61": Fault("same name with a correction; same content under a new name", "sheets", rows.corrected),
    "F62": Fault("rows twice, in other order, empty lines, a totals line", "sheets", rows.disordered),
    "F63": Fault("another encoding than declared, NUL bytes, mojibake", "files", files.miscoded),
    "F64": Fault("dates as serial numbers, lots as 2.61E+06, zeros lost", "sheets", rows.wounded),
    "F65": Fault("day and month unclear, no offset, an hour that the clock shows twice", "site", rows.unclear_times),
    "F66": Fault("columns added, moved, renamed, missing; short rows", "sheets", rows.moved_columns),
    "F67": Fault("<0.05, ＜10, N/A, 符合规定 where numbers are awaited", "facts", rows.no_numbers),
    "F68": Fault("a conclusion that contradicts its numbers", "facts", rows.contradicted),
    "F69": Fault("XML cut off, entity bomb, external entity, a namespace that is not used", "files", files.bad_xml),
    "F70": Fault("cells with line break, quotes, formulas", "facts", rows.sharp_cells),
    "F71": Fault("ASTM frame with a wrong checksum; a correction record", "files", files.bad_frames),
    "F72": Fault("share unmounted: the folder is there and empty", "files", files.unmounted),
}


def complete(plan: Plan, chosen: Sequence[str]) -> Plan:
    """Facts to files, with the chosen faults at their stages."""
    _at(plan, "site", chosen)
    _at(plan, "facts", chosen)
    plan.facts.sort(key=lambda one: one.told)
    plan.draft()
    _at(plan, "sheets", chosen)
    plan.write()
    _at(plan, "files", chosen)
    plan.facts.sort(key=lambda one: one.told)
    plan.files.sort(key=lambda one: one.at)
    return plan


def _at(plan: Plan, stage: str, chosen: Sequence[str]) -> None:
    for name in sorted(set(chosen)):
        if FAULTS[name].stage == stage:
            FAULTS[name].apply(plan)
