"""The button that tests the chain: every way by which people hear of an alarm."""

from collections.abc import Mapping
from typing import Any

from edge.control import ControlError
from edge.page.visit import Visit
from gateway.console.parts import Tag
from gateway.languages import Words


class Chain:
    """The button, and what came of it."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with Tag("p", "chain"):
            self._button = Tag("button", "btn", visit.say("line.chain"), type="button")
            self._result = Tag("span", "result", role="status")
        self._why = Tag("p", "chain-why")
        self._button.on("click", self._run)

    def show(self) -> None:
        """An agent that does not answer tests nothing."""
        self._button.set(hidden=None if self._visit.feed.answered else True)

    async def _run(self) -> None:
        say = self._visit.say
        self._button.set(disabled=True)
        self._result.set_text(say("line.chain_runs"))
        self._why.set_text("")
        try:
            answer = await self._visit.feed.test()
        except ControlError as error:
            self._result.set_text(say("line.refused", why=error))
        else:
            self._result.set_text(result_text(answer, say))
            self._why.set_text(" · ".join(part["detail"] for part in answer["parts"] if part["detail"]))
        self._button.set(disabled=None)


def result_text(answer: Mapping[str, Any], say: Words) -> str:
    """Such as `beacon ✓ mail ✗ Kafka ✓ 3.1 s`."""
    parts = (f"{_name(part['part'], say)} {'✓' if part['ok'] else '✗'}" for part in answer["parts"])
    seconds = say("line.chain_seconds", n=format(answer["seconds"], ".1f"))
    return f"{' '.join(parts)} {seconds}"


def _name(part: str, say: Words) -> str:
    """A webhook goes by its own name."""
    return say.texts.get(f"line.chain_parts.{part}", part)
