"""Batches, lots, what the review found, and how long it is kept."""

from dataclasses import dataclass
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse

from gateway.archive.archive import Archive
from gateway.archive.judged import Finding, FindingCounts, finding_counts, findings_of_records
from gateway.batches.archived import Whole, assembled
from gateway.batches.exceptions import BatchRules, chosen, is_over
from gateway.batches.genealogy import Trace, trace
from gateway.batches.grades import Grade
from gateway.batches.listed import ListedPage
from gateway.batches.over_batches import OverBatches, over_batches
from gateway.batches.reviewed import reviewed
from gateway.console.api.answering import answer, looker_of, the_desk
from gateway.console.api.described import WEIGHINGS, answers
from gateway.console.ranges import range_of
from gateway.console.views.batches import LISTED
from gateway.console.views.wanted_batches import STAGES, YES_OR_NO, WantedBatches
from gateway.console.views.weighings import Weighings, wanted, weighings_in
from gateway.retention.archived import made_in
from gateway.retention.keeping import Made
from gateway.review.outcome import Verdict

ROUTER = APIRouter(prefix="/api")
Stage = Literal[*STAGES, ""]  # type: ignore[valid-type]
YesOrNo = Literal[*YES_OR_NO, ""]  # type: ignore[valid-type]


@dataclass(frozen=True, slots=True)
class Found:
    """What the review found: how often each rule, and the newest."""

    counts: FindingCounts
    findings: list[Finding]


@ROUTER.get("/batches", responses=answers(ListedPage))
async def get_batches(
    request: Request,
    *,
    stage: Stage | None = None,
    exceptions: YesOrNo | None = None,
    missing: YesOrNo | None = None,
    first: Annotated[int, Query(ge=0, lt=1_000_000)] = 0,
    count: Annotated[int, Query(ge=1, le=LISTED)] = LISTED,
) -> JSONResponse:
    """Every batch that any record names, or those in a `stage`, with `exceptions` or `missing` pieces.

    The newest first: `count` of them without the `first`.
    """
    asked = WantedBatches(stage or None, exceptions or None, missing or None)
    wanted = asked.wanted(looker_of(request).batches)
    return answer(await the_desk().listed_batches(wanted, count=count, first=first))


@ROUTER.get("/batches/{number:path}", responses=answers(list[Whole], 404))
async def get_batch(number: str) -> JSONResponse:
    """All of the batches that use a number, one for each product."""
    desk, now = the_desk(), the_desk().now()
    found = await desk.ask(lambda archive: assembled(archive, desk.site, desk.masters, number, now))
    if not found:
        raise HTTPException(404, "no such batch, or not yours")
    return answer(found)


@ROUTER.get("/retention", responses=answers(list[Made]))
async def get_retention() -> JSONResponse:
    """Every batch with the dates from which it is counted how long it must be kept."""
    desk = the_desk()
    return answer(await desk.ask(lambda archive: made_in(archive, ZoneInfo(desk.site.zone))))


@ROUTER.get("/rules", responses=answers(list[BatchRules], 404))
async def get_rules(
    batch: Annotated[str, Query(max_length=200)],
    verdict: Annotated[Verdict | None, Query(alias="answer")] = None,
    grade: Grade | None = None,
) -> JSONResponse:
    """Every rule about a `batch` with its answer and what does not pass, for each product that uses the number.

    Or only those with this `answer` and of this class (`grade`).
    """
    desk, now = the_desk(), the_desk().now()
    zone = ZoneInfo(desk.site.zone)

    def ask(archive: Archive) -> list[BatchRules]:
        found = assembled(archive, desk.site, desk.masters, batch, now, traced=False)
        answered = [(one, reviewed(archive, one, desk.agreed, zone, now)) for one in found]
        return [
            BatchRules(batch, one.batch.product, is_over(one), tuple(chosen(rules, verdict, grade)))
            for one, rules in answered
        ]

    found = await desk.ask(ask)
    if not found:
        raise HTTPException(404, "no such batch, or not yours")
    return answer(found)


@ROUTER.get("/tests", responses=answers(OverBatches))
async def get_tests(
    test: Annotated[str, Query(max_length=200)],
    stage: Annotated[str | None, Query(max_length=40)] = None,
    product: Annotated[str | None, Query(max_length=200)] = None,
) -> JSONResponse:
    """One `test` of a `stage` over the batches of a `product`, the oldest first, with mean, deviation and Cpk."""
    desk = the_desk()
    codes = desk.masters.codes_of(product)
    return answer(await desk.ask(lambda archive: over_batches(archive, test, stage, product, codes)))


@ROUTER.get("/findings", responses=answers(Found))
async def get_findings() -> JSONResponse:
    """What the rules of the review found in exported records, with its history; counts by rule, and what waits."""

    def ask(archive: Archive) -> Found:
        return Found(finding_counts(archive), findings_of_records(archive, count=LISTED))

    return answer(await the_desk().ask(ask))


@ROUTER.get("/lots/{name:path}", responses=answers(Trace))
async def get_lot(name: str) -> JSONResponse:
    """Where a lot, a supplier's lot or a batch went, and what went into it; no starts where none has the name."""
    desk = the_desk()
    return answer(await desk.ask(lambda archive: trace(archive, name, desk.masters.same())))


@ROUTER.get("/weighings", responses=answers(Weighings), dependencies=WEIGHINGS)
async def get_weighings(request: Request) -> JSONResponse:
    """Weighings within `range` up to now, newest first; of one `balance`, or of one `outcome`: accepted, refused."""
    desk = the_desk()
    begin = desk.now() - range_of(request.query_params).length
    return answer(await desk.ask(weighings_in(wanted(request.query_params), begin)))
