"""What the LIMS and an analyser know: samples, results, samples that are kept, and the LIMS's own audit trail. Pure."""

from collections.abc import Iterator
from typing import Any

from simulators.batch.batch import DAY, MINUTE, SECOND, Batch, day_of, months_after
from simulators.batch.facts import Fact, fact
from simulators.batch.recipe import Sampling, Test

LIMS, ANALYSER = "lims", "analyser"
HALF_HOUR = 30 * MINUTE


def laboratory_facts(batch: Batch) -> Iterator[Fact]:
    """All of them, in no order."""
    for sampling in batch.recipe.samplings:
        results = list(_results(batch, sampling))
        yield from results
        if sampling.stage == "FINISHED":
            yield from _reprocessed(batch, results)
    yield from _kept(batch)


def _results(batch: Batch, sampling: Sampling) -> Iterator[Fact]:
    material = batch.material(sampling.after) if sampling.stage == "MATERIAL" else None
    sampled = batch.days(material.received) + DAY if material else batch.at(batch.span(sampling.after).ended)
    final = sampled + round(sampling.days * 1440) * MINUTE
    sample = batch.next("0")
    system = ANALYSER if sampling.stage == "WATER" else LIMS
    for number, test in enumerate(sampling.tests):
        tested = sampled + (final - sampled) // 2 // SECOND * SECOND + number * 7 * MINUTE
        own: dict[str, Any] = {} if material else batch.common
        if system == ANALYSER:
            own |= {"status": "final", "equipment": sampling.equipment, "time": tested + 2 * MINUTE}
        else:
            own |= _released(sampling, test)
            own |= {"sampled": sampled, "tested": tested, "time": max(final, tested + HALF_HOUR)}
            own |= {"material": material.code, "lot": material.lot} if material else {}
        own |= _reported(batch, test)
        yield fact(
            system,
            "TestResult",
            batch.next("R") if system == LIMS else f"{sample}|{test.name}",
            own["time"],
            **own,
            sample=sample,
            test=test.name,
            analyst=batch.who("analyst"),
            approver=batch.who("reviewer"),
        )


def _released(sampling: Sampling, test: Test) -> dict[str, Any]:
    return {
        "status": "approved",
        "stage": sampling.stage,
        "point": sampling.point,
        "equipment": sampling.equipment,
        "method": test.method,
        "specification": sampling.specification,
        "specification_version": sampling.specification_version,
        "low": test.low,
        "high": test.high,
        "conclusion": "PASS",
    }


def _reported(batch: Batch, test: Test) -> dict[str, Any]:
    """What was found, in signs; the number in it beside."""
    if test.about is None:
        return {"reported": test.says or "符合规定", "unit": test.unit}
    found = max(0.0, float(batch.rng.normal(test.about, test.spread)))
    if test.below is not None and found < test.below:
        return {"reported": f"<{test.below:g}", "value": test.below, "qualifier": "<", "unit": test.unit}
    shown = f"{found:.{test.decimals}f}"
    return {"reported": shown, "value": float(shown), "qualifier": "=", "unit": test.unit}


def _reprocessed(batch: Batch, results: list[Fact]) -> Iterator[Fact]:
    """A chromatogram was integrated again before its result was approved; the LIMS wrote that down."""
    one = next((result for result in results if result.fields["test"] == "Assay"), None)
    if one is None:
        return
    time = one.fields["tested"] + 40 * MINUTE
    assay = float(one.fields["value"])
    for action, before, after, reason in (
        ("CREATED", None, f"{assay - 0.2:.2f}", None),
        ("REPROCESSED", f"{assay - 0.2:.2f}", one.fields["reported"], "积分基线错误 (baseline drawn wrongly)"),
    ):
        yield fact(
            LIMS,
            "AuditTrailEntry",
            batch.next("A"),
            time,
            **batch.common,
            action=action,
            object=f"{one.fields['sample']}/{one.fields['test']}",
            time=time,
            person=batch.who("analyst"),
            before=before,
            after=after,
            reason=reason,
        )
        time += 25 * MINUTE


def _kept(batch: Batch) -> Iterator[Fact]:
    made, time = day_of(batch.ended), batch.ended + DAY
    for stored in batch.recipe.stored:
        yield fact(
            LIMS,
            "StoredSample",
            batch.next("K"),
            time,
            **batch.common,
            time=time,
            sample=batch.next("0"),
            purpose=stored.purpose,
            quantity=stored.quantity,
            unit="{#}",
            place=stored.place,
            condition=stored.condition,
            due=months_after(made, stored.due),
            keep_until=months_after(made, stored.keep),
        )
