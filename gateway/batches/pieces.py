"""How many pieces are missing of many batches at once: without their rooms, readings and genealogy. Calls block."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gateway.archive.archive import Archive
from gateway.archive.exported import Kept, ever
from gateway.archive.weighings import KeptWeighing, weighings_of
from gateway.batches.archived import About, about_of, logs_of
from gateway.batches.batch import Batch, Told, batches, by_kind, told
from gateway.batches.missing import Verdict, answers
from gateway.batches.procedure import runs
from gateway.masters import Masters
from schemas.exported import KINDS, BatchStep, Exported, Signature

Missing = dict[tuple[str, str | None], int]
"""By number and product."""


def missing_pieces(archive: Archive, masters: Masters, numbers: Sequence[str], now: int) -> Missing:
    """What their master batch records want and is not there; of a batch that is not over nothing is missing yet."""
    abouts = [about_of(one, masters, runs(one.of(BatchStep)), (), now) for one in _bare(archive, masters, numbers)]
    keys = sorted({key for about in abouts for key in about.keys})
    beside = told([*ever(archive, Signature, signed_key=keys), *logs_of(archive, abouts)])
    return {(about.batch.number, about.batch.product): _missing(about, beside, masters) for about in abouts}


def _missing(about: About, beside: Sequence[Told[Exported]], masters: Masters) -> int:
    batch = replace(about.batch, beside=by_kind(about.chosen(beside)))
    return sum(one.verdict is Verdict.MISSING for one in answers(batch, masters)) if batch.over else 0


def _bare(archive: Archive, masters: Masters, numbers: Sequence[str]) -> Iterator[Batch]:
    """What their own records say."""
    kept: dict[str, list[Kept]] = {number: [] for number in numbers}
    for kind in KINDS.values():
        for number, one in _named(ever(archive, kind, batch=numbers)):
            if number in kept:
                kept[number].append(one)
    weighed: dict[str | None, list[KeptWeighing]] = {}
    for one_weighing in weighings_of(archive, *numbers):
        weighed.setdefault(one_weighing.batch, []).append(one_weighing)
    for number in numbers:
        yield from batches(number, kept[number], weighed.get(number, ()), masters.same())


def _named(found: Sequence[Kept]) -> Iterator[tuple[str, Kept]]:
    """Each record under every number that any version of it names."""
    named: dict[tuple[str, str], set[str]] = {}
    for one in found:
        if one.record.batch is not None:
            named.setdefault((one.record.system, one.record.key), set()).add(one.record.batch)
    for one in found:
        yield from ((number, one) for number in named[one.record.system, one.record.key])
