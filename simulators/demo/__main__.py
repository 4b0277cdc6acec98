"""`./dev demo`: see it before you read about it."""

import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.live import Live

from simulators.broker import BrokerError, KafkaBroker
from simulators.demo.apart import apart, names_of
from simulators.demo.judge import Finding, judge
from simulators.demo.parts import DemoError, Parts, Story
from simulators.demo.screen import event_text, screen
from simulators.demo.watch import Watch

PLANT = Path(__file__).parents[1] / "line-3"
FOLDER = Path(".cache/demo")
LOOK_EVERY = 0.25
"""Seconds between two looks at the holder's node."""
AFTERWARDS = 5.0
"""Seconds that the last records have to reach the holder after the scenario's end."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class Demo:
    """One run of the story."""

    def __init__(self, parts: Parts, out: Console) -> None:
        self._parts = parts
        self._out = out
        self.watches = {holder: Watch(console, parts.events) for holder, console in parts.consoles.items()}
        self._first = next(iter(self.watches.values()))

    def run(self, *, once: bool) -> None:
        """Watch until the scenario has ended and all is told, or until Ctrl-C. Raises DemoError."""
        with ExitStack() as stack:
            for watch in self.watches.values():
                stack.callback(watch.close)
            if self._out.is_terminal:
                seen, address = self._first.seen, next(iter(self._parts.consoles.values()))
                stack.enter_context(
                    Live(get_renderable=lambda: screen(seen, address), console=self._out, transient=once)
                )
            ends_at: float | None = None
            while ends_at is None or time.monotonic() < ends_at:
                time.sleep(LOOK_EVERY)
                self._look()
                if once and ends_at is None and not self._parts.happening:
                    ends_at = time.monotonic() + AFTERWARDS

    def _look(self) -> None:
        self._parts.check()
        for event in self._first.new_events():
            self._say(event_text(event))
            self._mind_broker(event["action"])
        for holder, watch in self.watches.items():
            self._look_at(holder if len(self.watches) > 1 else "the holder", watch)

    def _look_at(self, holder: str, watch: Watch) -> None:
        known = set(watch.seen.first_seen), set(watch.seen.return_seen)
        watch.look()
        for word, before, after in zip(
            ("raised", "returned"), known, (watch.seen.first_seen, watch.seen.return_seen), strict=True
        ):
            for id_ in set(after) - before:
                self._say(f"          ■ {watch.seen.alarms[id_]['condition']} {word}, seen by {holder}")

    def _mind_broker(self, action: str) -> None:
        broker = self._parts.broker
        if action not in {"stop_broker", "start_broker"}:
            return
        if not isinstance(broker, KafkaBroker):
            self._say("          (this broker cannot be stopped; with Java 17 it could)")
        elif action == "stop_broker":
            broker.kill()
        else:
            broker.restart()

    def _say(self, line: str) -> None:
        if not self._out.is_terminal:
            self._out.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End after the scenario, with a summary and an exit code.")
    ] = False,
    scenario: Annotated[str, typer.Option(help="Which of the plant's scenarios.")] = "door-held-open",
    batch: Annotated[bool, typer.Option(help="MES, LIMS, WMS, DMS and QMS export a whole batch meanwhile.")] = True,
    port: Annotated[int, typer.Option(help="Port of the console; another free one if it is taken.")] = 8080,
) -> None:
    """A simulated plant, its agent, a real Kafka and a holder who sees it."""
    out = Console()
    file = PLANT / "scenarios" / f"{scenario}.yaml"
    if not file.exists():
        names = ", ".join(sorted(path.stem for path in file.parent.glob("*.yaml")))
        raise typer.BadParameter(f"no scenario is called {scenario!r}; there are {names}")
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    expected = told.get("alarms", [])
    holders, batches = tuple(expected) if isinstance(expected, dict) else (), told.get("batches", {})
    plot = Story(file, holders, batches if batch else {}, told.get("running", {}) if batch else {})
    with Parts(PLANT, plot, FOLDER, console_port=port, once=once, batch=batch) as parts:
        story = Demo(parts, out)
        _start(parts, out)
        story.run(once=once)
        findings = [*_findings(parts, story, expected, batches, out), *_explained(parts, told.get("gets", []), out)]
    if not _summary(findings, out):
        raise typer.Exit(1)


def _findings(
    parts: Parts, story: Demo, expected: dict[str, list[str]] | list[str], batches: dict[str, str], out: Console
) -> list[Finding]:
    findings = list[Finding]()
    for holder, watch in story.watches.items():
        own = expected.get(holder, []) if isinstance(expected, dict) else expected
        mark = f"{holder}: " if len(story.watches) > 1 else ""
        proven, said = parts.verify(holder)
        proof = Finding(proven, "every record in the topics verified against the agent's seals")
        findings += [Finding(one.good, mark + one.text) for one in (*judge(watch.seen, own), proof)]
        _tell(said, out)
    if isinstance(expected, dict):
        agreements = {holder: PLANT / "agreements" / f"{holder}.yaml" for holder in parts.consoles}
        names = {holder: names_of(file) for holder, file in agreements.items()}
        findings += apart(parts.consoles, names, dict(zip(batches, parts.consoles, strict=False)))
    first = next(iter(story.watches))
    bundled, told = parts.export(first)
    _tell(told, out)
    bundle = f"the alarms exported with their proofs and verified with no network: {FOLDER}/bundle"
    return [*findings, Finding(bundled, bundle)]


def _explained(parts: Parts, gets: list[dict[str, Any]], out: Console) -> list[Finding]:
    """Whether each of these goes to its holder alone, as the manufacturer's node explains it by the clauses."""
    findings = []
    for one in gets:
        tag, at, own = one["tag"], one["at"], one["holder"]
        answers = {holder: parts.why(tag, at, holder) for holder in parts.consoles}
        for _, said in answers.values():
            _tell(said, out)
        sent = [holder for holder, (gets_it, _) in answers.items() if gets_it]
        right = f"{tag} at {at:g} s goes to {own} alone, by a clause"
        findings.append(Finding(sent == [own], right if sent == [own] else f"{tag} at {at:g} s goes to {sent}"))
    return findings


def _tell(lines: list[str], out: Console) -> None:
    for line in lines:
        out.print(f"  {line}", style="dim", markup=False, highlight=False, soft_wrap=True)


def _start(parts: Parts, out: Console) -> None:
    out.print("Starting Kafka …")
    note = parts.start_broker()
    if note:
        out.print(note, soft_wrap=True)
    out.print("Starting the plant …")
    addresses = parts.start_plant()
    out.print(f"Starting agent and {'holders’ nodes' if len(parts.consoles) > 1 else 'holder’s node'} …")
    parts.start_product(addresses)
    own = {"the manufacturer": parts.own_console} if parts.own_console else {}
    for party, console in {**parts.consoles, **own}.items():
        out.print(f"Console of {party}: {console}/en  {console}/zh", highlight=False)


def _summary(findings: list[Finding], out: Console) -> bool:
    for finding in findings:
        out.print(f"{'✓' if finding.good else '■'} {finding.text}", markup=False, highlight=False, soft_wrap=True)
    return all(finding.good for finding in findings)


def main() -> None:
    """Faults that are not ours are one line; Ctrl-C ends quietly."""
    try:
        app(standalone_mode=True)
    except (DemoError, BrokerError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
