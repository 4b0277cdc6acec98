"""The trend as a chart that asks the archive again whenever another window is shown."""

from collections.abc import Callable, Sequence

from nicegui import ui
from nicegui.events import GenericEventArguments

from gateway.console.visit import Visit
from gateway.views import chart
from gateway.views.trend import Subject, TrendView, Window, read

SETTLE = 0.12
"""Seconds between two queries while somebody zooms."""


class TrendChart:
    """One chart. `moved` is told of every window that is chosen by wheel, pinch or drag; without it none can be."""

    def __init__(
        self,
        visit: Visit,
        about: Subject,
        view: TrendView,
        moved: Callable[[Window], object] | None = None,
        beside: Sequence[Subject] = (),
    ) -> None:
        self._visit, self._about, self._moved, self._beside = visit, about, moved, beside
        self._span = chart.axis(view, visit.clock)
        self._names = [visit.name(one.tag) for one in (about, *beside)] if beside else []
        options = chart.options(view, self._span, visit.clock, visit.say, self._names)
        options["dataZoom"][0]["disabled"] = moved is None
        self._chart = ui.echart(options, renderer="svg").classes("chart" if moved else "chart low")
        if moved is not None:
            self._chart.on(
                "chart:datazoom", self._zoomed, ["start", "end", "batch"], throttle=SETTLE, leading_events=False
            )

    async def show(self, window: Window) -> TrendView:
        """Read the window and draw it."""
        visit = self._visit
        now = visit.desk.now()
        view = await visit.desk.ask(lambda archive: read(archive, self._about, window, now, self._beside))
        self._chart.run_chart_method("setOption", chart.update(view, visit.clock, visit.say, self._names))
        return view

    def _zoomed(self, event: GenericEventArguments) -> None:
        """ECharts gives shares of the axis, in a batch where several axes move together."""
        told = (event.args.get("batch") or [event.args])[0]
        begin, end = chart.asked(float(told["start"]), float(told["end"]), self._span, self._visit.clock)
        if self._moved is not None:
            self._moved(Window(begin, end))
