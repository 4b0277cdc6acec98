"""Batches side by side: one tag in several batches of a product, laid over each other from where each begins."""

from nicegui import ui

from gateway.archive.trends import Figures
from gateway.batches.alongside import SHOWN, Alongside, Asked, Curve, Span, alongside
from gateway.console.pages.batch_tables import address_of, cell, table
from gateway.console.parts import Line, Tag, link
from gateway.console.record_chip import reading_link
from gateway.console.shell import not_found, shell
from gateway.console.visit import Visit
from gateway.views import alongside_chart
from gateway.views.display import age, number, quantity
from gateway.views.trend import Subject, Window, subject

PATH = "/trend/compare"
LISTED = 20
"""Other batches that are offered."""


async def build(visit: Visit) -> None:
    """The page."""
    tag = visit.query.get("tag", "")
    if tag not in visit.names:
        not_found(visit)
        return
    desk, about = visit.desk, subject(tag, visit.site, visit.desk.live)
    wanted = visit.every("batch")
    asked = Asked(tag, about.rooms, tuple(wanted), visit.query.get("step") or None)
    view = await desk.ask(lambda archive: alongside(archive, asked, desk.masters.same(), desk.now()))
    query = {"tag": tag, "batch": wanted, **({"step": asked.step} if asked.step else {})}
    with shell(visit, "", visit.data(PATH, **query)):
        _Page(visit, about, view)


def address(visit: Visit, tag: str, *batches: str, step: str | None = None) -> str:
    """Where these batches stand side by side."""
    return visit.href(PATH, language=None, tag=tag, batch=batches, step=step)


class _Page:
    """As it was asked for; it follows nothing, since what is compared is mostly over."""

    def __init__(self, visit: Visit, about: Subject, view: Alongside) -> None:
        self._visit, self._view = visit, view
        self._chosen = [one.span.batch for one in view.curves]
        say = visit.say
        with Tag("div", "trend-head"):
            Tag("h1", "", say("alongside.heading", name=visit.name(about.tag)))
            Tag("span", "aside", about.tag)
        Tag("p", "lead", say("alongside.lead", rooms=", ".join(about.rooms)))
        self._steps()
        for batch in view.missing:
            Tag("p", "notice", say("alongside.missing", batch=batch))
        if view.curves:
            with Tag("div", "block"):
                label = say("alongside.chart", name=visit.name(about.tag), n=len(view.curves))
                with Tag("div", "", role="img", aria_label=label):
                    ui.echart(alongside_chart.options(view, about.limit, say), renderer="svg").classes("chart")
                if view.band is None:
                    Tag("p", "quiet", say("alongside.no_band"))
            self._table()
        self._others()

    def _steps(self) -> None:
        view, say = self._view, self._visit.say
        if not view.steps:
            return
        with Tag("div", "buttons", role="group", aria_label=say("alongside.step")):
            for step, name in {"": say("alongside.whole"), **view.steps}.items():
                here = address(self._visit, view.tag, *self._chosen, *view.missing, step=step or None)
                link(name, here, "btn", aria_current="true" if step == (view.step or "") else None)

    def _table(self) -> None:
        columns = ("batch", "began", "length", "lowest", "highest", "mean", "readings", "remove_column")
        shown = table(self._visit, "alongside.title", *(f"alongside.{name}" for name in columns))
        with shown.body:
            for one in self._view.curves:
                self._row(shown.line(), one)

    def _row(self, line: Line, one: Curve) -> None:
        visit, span, view = self._visit, one.span, self._view
        end = visit.desk.now() if span.ended is None else span.ended
        with line.cell():
            link(span.batch, address_of(visit, span.batch, product=span.product, tab="rooms"))
        with line.cell(), Tag("span", "lines"):
            Tag("span", "", visit.clock.stamp(span.began))
            around = Window(span.began, max(end, span.began + 60_000_000)).query(visit.clock)
            link(visit.say("alongside.trend"), visit.trend(view.tag, **around))
        cell(line, age(end - span.began, visit.say), *([visit.say("trend.within.still")] if span.ended is None else []))
        self._figures(line, one.figures)
        with line.cell():
            rest = [batch for batch in self._chosen if batch != span.batch]
            words = visit.say("alongside.remove", batch=span.batch)
            link("×", address(visit, view.tag, *rest, step=view.step), "btn", aria_label=words, title=words)

    def _figures(self, line: Line, found: Figures | None) -> None:
        """Each of the extremes with its record."""
        visit, view = self._visit, self._view
        extremes = ((found.low, found.low_at), (found.high, found.high_at)) if found else ((None, None),) * 2
        for value, at in extremes:
            with line.cell(), Tag("span", "lines"):
                Tag("span", "", "–" if value is None else quantity(value, view.unit))
                if at is not None:
                    reading_link(visit, view.tag, at)
        cell(line, "–" if found is None or found.mean is None else quantity(found.mean, view.unit))
        cell(line, "–" if found is None else number(found.count, "{#}"))

    def _others(self) -> None:
        visit, view = self._visit, self._view
        others = view.others[:LISTED]
        with Tag("section", "block", aria_label=visit.say("alongside.others")):
            Tag("h2", "", visit.say("alongside.others" if view.curves else "alongside.choose"))
            if not others:
                Tag("p", "quiet", visit.say("alongside.none"))
            if len(self._chosen) >= SHOWN:
                Tag("p", "quiet", visit.say("alongside.most", n=SHOWN))
            with Tag("ul", "within"):
                for one in others:
                    self._other(one)

    def _other(self, one: Span) -> None:
        visit, view = self._visit, self._view
        with Tag("li"):
            if len(self._chosen) < SHOWN:
                link(one.batch, address(visit, view.tag, *self._chosen, one.batch, step=view.step))
            else:
                Tag("span", "", one.batch)
            Tag("span", "aside", f" {visit.clock.stamp(one.began)}")
