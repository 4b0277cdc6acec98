"""`cmo-gateway check-records`: every rule about the exported records and weighings in the archive."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from gateway.archive.archive import Archive
from gateway.commands.arguments import ConfigFile, loaded, refuse
from gateway.languages import Language
from gateway.review.archived import Archived
from gateway.review.history import Context, moment
from gateway.review.outcome import Outcome, Verdict
from gateway.review.review import counts, review_all
from gateway.review.wording import Wording, words_in
from gateway.running import Exit, tell


def check_records(
    config: ConfigFile,
    *,
    batch: Annotated[str | None, typer.Option(metavar="NO", help="Records of this batch only.")] = None,
    language: Annotated[Language, typer.Option(help="Language of the findings.")] = Language.EN,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
) -> None:
    """Check exported records and weighings against what was agreed; exit code 1 where a rule failed.

    The archive is opened alone: stop the node, or name a copy of its file in the configuration.
    """
    configuration = loaded(config)
    if not configuration.archive.exists():
        refuse(f"archive {configuration.archive} is not there; the node makes it when it runs")
    zone = ZoneInfo(configuration.site.zone)
    with closing(Archive(configuration.archive)) as archive:
        outcomes = [*review_all(Context(Archived(archive), configuration.agreed, zone), batch)]
    if batch is not None and not outcomes:
        refuse(f"--batch {batch}: the archive has no record of this batch that a rule judges")
    wording = Wording(words_in(language), zone)
    if as_json:
        tell(json.dumps(_report(outcomes, wording), ensure_ascii=False))
    else:
        for line in _lines(outcomes, wording):
            tell(line)
    if any(one.judged.verdict is Verdict.FAILED for one in outcomes):
        raise typer.Exit(Exit.FAILED)


def _report(outcomes: Sequence[Outcome], wording: Wording) -> dict[str, Any]:
    return {
        "rules": {
            code.value: {"passed": one.passed, "failed": one.failed, "not_evaluable": one.not_evaluable}
            for code, one in counts(outcomes).items()
        },
        "findings": [_plain(one, wording) for one in outcomes if one.judged.verdict is not Verdict.PASSED],
    }


def _plain(one: Outcome, wording: Wording) -> dict[str, Any]:
    severity = one.judged.severity
    return {
        "id": str(one.id), "code": one.place.code, "verdict": one.judged.verdict, "severity": severity,
        "kind": one.place.kind, "system": one.place.system, "key": one.place.key, "batch": one.batch,
        "time": None if one.time is None else moment(one.time).astimezone(wording.zone).isoformat(),
        "records": [str(record) for record in one.records], "title": wording.title(one.place.code),
        "expected": wording.expected(one), "found": wording.found(one),
    }  # fmt: skip


def _lines(outcomes: Sequence[Outcome], wording: Wording) -> Iterator[str]:
    """Each finding, then what could not be evaluated by its reason, then each rule with its numbers."""
    said = wording.words
    for one in outcomes:
        if one.judged.verdict is Verdict.FAILED and one.judged.severity is not None:
            severity = said(f"review.severities.{one.judged.severity}")
            place = f"{one.place.kind} {one.place.system} {one.place.key}"
            told = said("review.instead", expected=wording.expected(one), found=wording.found(one))
            yield "\t".join((severity, one.batch or "-", wording.title(one.place.code), place, told))
    open_ = Counter((one.place.code, wording.found(one)) for one in outcomes
                    if one.judged.verdict is Verdict.NOT_EVALUABLE)  # fmt: skip
    for (code, why), times in open_.items():
        yield f"{wording.verdict(Verdict.NOT_EVALUABLE)}\t{times}\t{wording.title(code)}\t{why}"
    for code, count in counts(outcomes).items():
        numbers = said("review.counts", passed=count.passed, failed=count.failed, not_evaluable=count.not_evaluable)
        yield f"{wording.title(code)}\t{numbers}"
