"""One test over the batches of a product, drawn and as a table; each point leads to its batch."""

from gateway.batches.over_batches import CAPABLE, CENTRED, OverBatches, Point, over_batches
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
            Tag("p", "notice", visit.say("tests.none"))
            return
        _figures(visit, found)
        with Tag("div", "block"):
            _draw(visit, found)
        _table(visit, found)


def address(visit: Visit, test: str, stage: str | None, product: str | None) -> str:
    """Where a test over its batches stands."""
    return visit.href("/tests", language=None, test=test, stage=stage, product=product)


def _figures(visit: Visit, found: OverBatches) -> None:
    say, unit = visit.say, symbol(found.unit or "")
    count = found.values
    with Tag("div", "block"), Tag("dl", "figures"):
        shown = {"n": str(len(found.points))}
        spread = say("tests.too_few", n=count, needed=CENTRED)
        if found.mean is not None and found.deviation is not None:
            spread = f"{found.mean:.4g} ± {found.deviation:.2g} {unit}".rstrip()
        shown["mean"] = spread
        few = say("tests.too_few", n=count, needed=CAPABLE) if count < CAPABLE else say("tests.no_limits")
        shown["capability"] = few if found.capability is None else f"{found.capability:.2f}"
        shown["others"] = str(found.others)
        for name, text in shown.items():
            with Tag("div"):
                Tag("dt", "", say(f"tests.{name}"))
                Tag("dd", "", text)


def _draw(visit: Visit, found: OverBatches) -> None:
    """Results in the order in which they became final, equally far apart: batches are what is compared."""
    points = found.points
    bounds = [value for one in points for value in (one.value, one.low, one.high) if value is not None]
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
            for bound in (one.low, one.high):
                if bound is not None:
                    Tag("path", "limit-line", d=f"M{x(at) - half:.1f} {y(bound):.1f}H{x(at) + half:.1f}")
        line = "L".join(f"{x(at):.1f} {y(one.value):.1f}" for at, one in enumerate(points))
        Tag("path", "trace", d=f"M{line}")
        for at, one in enumerate(points):
            words = f"{one.batch}, {one.sample}: {_value(one)}, {visit.clock.stamp(one.time)}"
            with Tag("a", "", href=address_of(visit, one.batch, tab="tests"), aria_label=words):
                Tag("circle", f"point {TONES.get(one.where, '')}", cx=f"{x(at):.1f}", cy=f"{y(one.value):.1f}", r=5)
                Tag("title", "", words)


def _value(one: Point) -> str:
    return f"{one.qualifier or ''}{one.value:.6g} {symbol(one.unit or '')}".strip()


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
                cell(line, _value(one), one.sample, tone=TONES.get(one.where, "good"))
                cell(line, limits_text(one.low, one.high, one.unit, say))
                record_cell(line, visit, one.stream, one.number)
