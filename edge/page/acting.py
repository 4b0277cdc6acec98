"""The dialog in which a person says who it is and why: acknowledging, shelving and the like."""

from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from edge.control import ControlError
from edge.page.alarms import stands_for, title
from edge.page.visit import Visit
from gateway.console.parts import Tag
from schemas.records import Alarm

REASONS = 6
"""Common reasons that are offered; any other text is as good."""
SHELVINGS = (900, 1800, 3600, 7200, 14400, 28800, 43200)
"""Seconds; the longest is what the engine allows."""
SEND = "(event) => { event.preventDefault(); emit(Object.fromEntries(new FormData(event.target))); }"

OPEN = """const dialog = document.querySelector('dialog.acting');
dialog.querySelector('form').reset(); if (!dialog.open) dialog.showModal();"""


class Acting:
    """One dialog for the whole page; nothing in it is filled in beforehand."""

    def __init__(self, visit: Visit) -> None:
        self._visit, self._do = visit, "acknowledge"
        self._alarm: Alarm | None = None
        say = visit.say
        with Tag("dialog", "acting", aria_label=say("line.dialog")), Tag("form", method="dialog") as form:
            self._heading = Tag("h2")
            self._what = Tag("p", "what")
            with Tag("label"):
                Tag("span", "", say("line.name"))
                Tag("input", name_="actor", required=True, autocomplete="off", maxlength=80)
            with Tag("label"):
                Tag("span", "", say("line.reason"))
                Tag("input", name_="comment", required=True, autocomplete="off", maxlength=400, list="reasons")
            with Tag("datalist", id="reasons"):
                for number in range(1, REASONS + 1):
                    Tag("option", value=say(f"line.reasons.{number}"))
            with Tag("label") as self._until:
                Tag("span", "", say("line.for"))
                with Tag("select", name_="seconds"):
                    for seconds in SHELVINGS:
                        Tag("option", "", length(seconds, visit), value=seconds)
            self._meaning = Tag("p", "meaning")
            self._refusal = Tag("p", "refusal", role="alert")
            with Tag("div", "buttons"):
                self._send = Tag("button", "btn strong", type="submit")
                leave = Tag("button", "btn", say("line.leave"), type="button")
        form.on("submit", self._submit, js_handler=SEND)
        leave.on("click", js_handler="(event) => event.target.closest('dialog').close()")

    def ask(self, do: str, alarm: Alarm) -> None:
        """Open it for this alarm."""
        visit, self._do, self._alarm = self._visit, do, alarm
        self._heading.set_text(visit.say(f"line.do.{do}"))
        self._send.set_text(visit.say(f"line.do.{do}"))
        self._what.set_text(f"{title(alarm, visit.name(alarm.tag), visit.say)} · {alarm.condition}")
        self._until.set(hidden=None if do == "shelve" else True)
        self._meaning.set_text(stands_for(do, visit.say))
        self._refusal.set_text("")
        ui.run_javascript(OPEN)

    async def _submit(self, event: GenericEventArguments) -> None:
        """Send it; a refusal stays in the dialog, in the agent's words."""
        if self._alarm is None:
            return
        try:
            await self._visit.feed.act(self._do, **self._arguments(event.args, self._alarm.condition))
        except (ControlError, ValueError) as error:
            self._refusal.set_text(self._visit.say("line.refused", why=error))
            return
        ui.run_javascript("document.querySelector('dialog.acting').close()")

    def _arguments(self, given: dict[str, Any], condition: str) -> dict[str, Any]:
        said = {"condition": condition, "actor": str(given["actor"]), "comment": str(given["comment"])}
        if self._do == "shelve":
            return said | {"until": self._visit.feed.now() + int(given["seconds"]) * 1_000_000}
        return said


def length(seconds: int, visit: Visit) -> str:
    """A length of time in its largest unit."""
    if seconds < 3600:
        return visit.say("unit.minutes", n=seconds // 60)
    return visit.say("unit.hours", n=seconds // 3600)
