"""The button that checks streams in front of whoever reads, with its progress and what came out."""

from gateway.checking.recomputing import Verdict
from gateway.console.pages.lanes import length_text
from gateway.console.pages.proof import stream_path
from gateway.console.parts import Mark, Rows, Tag
from gateway.console.record_chip import record_chip
from gateway.console.verifying import Check, Checked
from gateway.console.visit import Visit
from gateway.views.display import SECOND, number

TONES = {Verdict.HOLDS: "good", Verdict.NO_SEAL: "data", Verdict.STOPPED: "data"}
"""What is not named here puts records in doubt."""


class VerifyPart:
    """Checks these streams, one after another; one check at a time in the whole node, which all pages watch."""

    def __init__(self, visit: Visit, stream: str | None = None) -> None:
        """Of one stream, or of all that whoever reads may see."""
        self._visit, self._stream = visit, stream
        say = visit.say
        with Tag("section", "block verify", aria_label=say("verify.title")):
            Tag("h2", "", say("verify.title"))
            Tag("p", "", say("verify.about"))
            with Tag("p", "buttons"):
                self._start = Tag("button", "btn", say("verify.start"), type="button")
                self._stop = Tag("button", "btn", say("verify.stop"), type="button")
            self._start.on("click", self._begin)
            self._stop.on("click", self._end)
            with Tag("div", "going") as self._going:
                self._text = Tag("p", "", role="status")
                self._bar = Tag("progress", "", aria_label=say("verify.progress"))
            with Tag("ul", "plain outcomes") as box:
                self._rows: Rows[Checked, _Outcome] = Rows(box, lambda one: _Outcome(visit, one), lambda *_: None)
        self.show()
        visit.desk.pushed.subscribe(self.show)

    def _begin(self) -> None:
        self._visit.desk.verifying.start([name for name in sorted(self._visit.desk.live.streams) if self._shown(name)])

    def _end(self) -> None:
        self._visit.desk.verifying.stop()

    def _shown(self, stream: str) -> bool:
        return self._stream in {None, stream} and self._visit.may(stream_path(stream))

    def show(self) -> None:
        """As it is now."""
        check = self._visit.desk.verifying.check
        running = check is not None and check.running
        self._start.set(disabled=running or None)
        self._stop.set(disabled=not running or None)
        self._going.set(hidden=not running or None)
        if check is None:
            return
        if running:
            self._progress(check)
        over = [one for one in check.streams if one.verdict is not None and self._shown(one.stream)]
        self._rows.show((f"{check.nth} {one.stream}", one) for one in over)

    def _progress(self, check: Check) -> None:
        say, now = self._visit.say, next((one for one in check.streams if one.verdict is None), None)
        if now is None:
            self._text.set_text(say("verify.begins"))
            return
        done, size, rate = (number(figure, "{#}") for figure in (now.done, now.size, now.rate))
        self._text.set_text(say("verify.going", stream=now.stream, done=done, size=size, rate=rate))
        self._bar.set(max=max(now.size, 1), value=now.done)


class _Outcome:
    """How the check of one stream ended; it does not change."""

    def __init__(self, visit: Visit, one: Checked) -> None:
        self.root = Tag("li")
        with self.root, Tag("div", "lines"):
            with Tag("span"):
                if one.verdict is Verdict.HOLDS:
                    Tag("span", "checked", "✓ ")
                Mark(TONES.get(one.verdict or Verdict.STOPPED, "action"))
                Tag("b", "stream-name", one.stream)
                Tag("span", "", f" {outcome_text(one, visit)}")
            for altered in one.altered:
                record_chip(visit, one.stream, altered)
            if one.root:
                Tag("code", "hash", f"{one.root} · {one.key}")


def outcome_text(one: Checked, visit: Visit) -> str:
    """In a sentence, and what has to be said besides in others."""
    say, verdict = visit.say, one.verdict or Verdict.STOPPED
    figures = {
        "done": number(one.done, "{#}"), "size": number(one.size, "{#}"),
        "took": length_text(int(one.seconds * SECOND), visit),
        "time": "" if one.sealed is None else visit.clock.stamp(one.sealed),
        "n": number(one.altered_in_all or one.missing or 0, "{#}"),
    }  # fmt: skip
    parts = [say(f"verify.verdicts.{verdict}", **figures)]
    if one.leaves_only:
        parts.append(say("verify.leaves_only", n=number(one.leaves_only, "{#}")))
    if verdict is Verdict.HOLDS and one.receipt:
        parts.append(say("verify.receipt"))
    return "".join(parts)
