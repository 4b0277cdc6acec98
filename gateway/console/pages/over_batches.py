"""One test over the batches of a product, drawn and as a table; each point leads to its batch."""

from gateway.batches.over_batches import CAPABLE, CENTRED, PLAIN, OverBatches, Point, over_batches
from gateway.console.pages.batch_tables import address_of, cell, record_cell, table
from gateway.console.parts import Tag, link
from gateway.console.shell import shell
from gateway.console.views.batches import limits_text
from gateway.console.views.display import symbol
from gateway.console.visit import Visit
from gateway.review.limits import Where

WIDTH, HEIGHT, ROOM = 900.0, 220.0, 16.0
"""The drawing, and the room around it, drawing units."""
TONES = {Where.OUTSIDE: "action", Where.UNKNOWN: "data"}


async def build(visit: Visit) -> None:
    """The page."""
    query, desk = visit.query, visit.desk
    test, stage, product = query.get("test", ""), query.get("stage") or None, query.get("product") or None
    codes = desk.masters.codes_of(product)
    found = await desk.ask(lambda archive: over_batches(archive, test, stage, product, codes))
    told = {"test": test, **({"stage": stage} if stage else {}), **({"product": product} if product else {})}
    with shell(visit, "batches", visit.data("/tests", **told)):
        Tag("h1", "", visit.say("tests.heading", test=test) if test else visit.say("tests.title"))
        Tag("p", "lead", visit.say("tests.of", product=product or visit.say("batches.no_product")))
        if not found.points:
            Tag("p", "notice", visit.say("tests.none" if codes else "tests.no_product"))
            return
        _figures(visit, found)
        with Tag("div", "block"):
            _draw(visit, found)
        _table(visit, found)


def address(visit: Visit, test: str, stage: str | None, product: str | None, batch: str | None = None) -> str:
    """Where a test over its batches stands; `batch` is the one that is marked."""
    return visit.href("/tests", language=None, test=test, stage=stage, product=product, batch=batch)


def _figures(visit: Visit, found: OverBatches) -> None:
    say, unit = visit.say, symbol(found.unit or "")
    count = found.values
    with Tag("div", "block"), Tag("dl", "figures"):
        shown = {"n": str(len(found.points))}
        spread = say("tests.too_few", n=count, needed=CENTRED)
        if found.mean is not None and found.deviation is not None:
            spread = f"{found.mean:.4g} ± {found.deviation:.2g} {unit}".rstrip()
        shown["mean"] = spread
        if found.control_low is not None and found.control_high is not None:
            shown["control"] = f"{found.control_low:.4g} – {found.control_high:.4g} {unit}".rstrip()
        limits = found.specification
        if limits is not None:
            named = " ".join(part for part in (limits.name, limits.version) if part) or say("batches.not_told")
            shown["specification"] = f"{named}: {limits_text(limits.low, limits.high, found.unit, say)}"
        few = say("tests.too_few", n=count, needed=CAPABLE) if count < CAPABLE else say("tests.no_limits")
        shown["capability"] = few if found.capability is None else f"{found.capability:.2f}"
        shown["batches"] = str(count)
        if found.elsewhere:
            shown["elsewhere"] = str(found.elsewhere)
        shown["others"] = str(found.others)
        for name, text in shown.items():
            with Tag("div"):
                Tag("dt", "", say(f"tests.{name}"))
                Tag("dd", "", text)


def _draw(visit: Visit, found: OverBatches) -> None:
    """Results in the order in which they became final, equally far apart: batches are what is compared."""
    points = found.points
    limits = [bound for one in points for bound in (one.specification.low, one.specification.high)]
    every = [*(one.value for one in points), *limits, found.control_low, found.control_high]
    bounds = [value for value in every if value is not None]
    low, high = min(bounds), max(bounds)
    span = high - low or 1.0

    def y(value: float) -> float:
        return ROOM + (HEIGHT - 2 * ROOM) * (1 - (value - low) / span)

    def x(at: int) -> float:
        return ROOM + (WIDTH - 2 * ROOM) * (at + 0.5) / len(points)

    label = visit.say("tests.drawn", test=found.test, n=len(points))
    with Tag("svg", "over-batches", viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", role="group", aria_label=label):
        for at, one in enumerate(points):
            half = (WIDTH - 2 * ROOM) / len(points) / 2
            for bound in (one.specification.low, one.specification.high):
                if bound is not None:
                    Tag("path", "limit-line", d=f"M{x(at) - half:.1f} {y(bound):.1f}H{x(at) + half:.1f}")
        for bound in (found.mean, found.control_low, found.control_high):
            if bound is not None:
                Tag("path", "control-line", d=f"M{ROOM:g} {y(bound):.1f}H{WIDTH - ROOM:g}")
        line = "L".join(f"{x(at):.1f} {y(one.value):.1f}" for at, one in enumerate(points))
        Tag("path", "trace", d=f"M{line}")
        for at, one in enumerate(points):
            words = ", ".join([one.batch, f"{one.sample}: {_value(one)}", visit.clock.stamp(one.time),
                               *_remarks(visit, found, one)])  # fmt: skip
            with Tag("a", "", href=address_of(visit, one.batch, tab="tests"), aria_label=words):
                marked = " marked" if one.batch == visit.query.get("batch") else ""
                hollow = "" if found.counts(one) else " hollow"
                Tag(
                    "circle",
                    f"point {_tone(found, one)}{marked}{hollow}",
                    cx=f"{x(at):.1f}",
                    cy=f"{y(one.value):.1f}",
                    r=5,
                )
                Tag("title", "", words)


def _tone(found: OverBatches, one: Point) -> str:
    return "alert" if one.where is Where.WITHIN and found.beyond(one) else TONES.get(one.where, "good")


def _looks(visit: Visit, found: OverBatches, one: Point) -> str:
    """Hollow is what no figure is made of; a ring is the batch that somebody came from."""
    marked = " marked" if one.batch == visit.query.get("batch") else ""
    return f"point {_tone(found, one)}{marked}{'' if found.counts(one) else ' hollow'}"


def _remarks(visit: Visit, found: OverBatches, one: Point) -> list[str]:
    """What else there is to say of a result."""
    told = {
        "this_batch": one.batch == visit.query.get("batch"), "retested": one.retested, "beyond": found.beyond(one),
        "other_specification": one.specification != found.specification,
    }  # fmt: skip
    return [visit.say(f"tests.remarks.{name}") for name, true in told.items() if true]


def _value(one: Point) -> str:
    sign = "" if one.qualifier in PLAIN else one.qualifier or ""
    return f"{sign}{one.value:.6g} {symbol(one.unit or '')}".strip()


def _table(visit: Visit, found: OverBatches) -> None:
    say = visit.say
    with Tag("section", "block", aria_label=say("tests.title")):
        columns = ("batches.when", "batches.number", "tests.value", "batches.tests.limits", "batches.in_record")
        shown = table(visit, "tests.title", *columns)
        with shown.body:
            for one in reversed(found.points):
                line = shown.line()
                cell(line, visit.clock.stamp(one.time))
                with line.cell():
                    link(one.batch, address_of(visit, one.batch, tab="tests"))
                cell(line, _value(one), one.sample, *_remarks(visit, found, one), tone=_tone(found, one))
                judged_by = one.specification
                named = " ".join(part for part in (judged_by.name, judged_by.version) if part)
                cell(line, limits_text(judged_by.low, judged_by.high, one.unit, say), named)
                record_cell(line, visit, one.stream, one.number)
