"""`./dev bench compare`: the product and Telegraf on the same load and the same Kafka, in turn."""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.status import Status
from rich.table import Table

from simulators.broker import BrokerError, KafkaBroker
from tests.bench.compare import agents, building, report
from tests.bench.compare.judging import Verdict, verdicts
from tests.bench.compare.measure import Bench, Lengths, Programs, Run, RunError, Tell
from tests.bench.compare.profiled import parts, table
from tests.bench.compare.scenarios import GOALS, SCENARIOS, Scenario, scaling

WIDTH = 150
"""Of a line where no terminal says how wide it is."""
OUT = Path(".cache/bench")
PLOTTED = ("cpu", "p99")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def compare(
    *,
    only: Annotated[list[str] | None, typer.Option(help="Scenario, or the beginning of names; repeatable.")] = None,
    pairs: Annotated[int, typer.Option(min=1, help="Paired runs of each scenario.")] = 5,
    seconds: Annotated[float, typer.Option(min=1, help="Measured in each run.")] = 10.0,
    warm: Annotated[float, typer.Option(min=0, help="Seconds before that, from the first samples.")] = 4.0,
    out: Annotated[Path, typer.Option(help="Folder for report, plots, runs as JSON and logs.")] = OUT,
    with_scaling: Annotated[
        bool, typer.Option("--scaling", help="Our cost by variables, rate, sources, holders.")
    ] = False,
    profile: Annotated[bool, typer.Option("--profile", help="Ours alone, once each, under cProfile.")] = False,
    names: Annotated[bool, typer.Option("--list", help="Name the scenarios.")] = False,
) -> None:
    """CPU, memory, latency, loss and size per sample of the product and of Telegraf, with the goals."""
    scenarios = [one for one in (scaling() if with_scaling else SCENARIOS) if _asked(one, only)]
    if names or not scenarios:
        typer.echo("\n".join(one.name for one in (*SCENARIOS, *scaling())))
        raise typer.Exit(0 if names else 2)
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    out.mkdir(parents=True, exist_ok=True)
    programs = _programs(scenarios, console, compared=not profile)
    lengths, runs = Lengths(warm, seconds), list[Run]()
    try:
        with _bench(out, programs, console) as (bench, status):
            if profile:
                _profile(bench, scenarios, lengths, out, console)
                return
            for run in _runs(bench, scenarios, pairs, lengths, console=console, status=status):
                runs.append(run)
    except KeyboardInterrupt:
        console.print("stopped; what was measured until now:", style="yellow")
    except BrokerError as error:
        console.print(str(error), style="red")
        raise typer.Exit(1) from None
    found = list(verdicts(runs, GOALS))
    _show(console, scenarios, runs, found)
    name = "scaling" if with_scaling else "comparison"
    head = [*_conditions(), f"At most {pairs} runs of {seconds:g} s each, medians."]
    _write(out / name, scenarios, runs, found, head)
    console.print(f"written to {out / name}.md and .json, with plots", style="dim")


def _asked(scenario: Scenario, only: Sequence[str] | None) -> bool:
    if not only:
        return True
    return scenario.name in only or any(
        scenario.name.startswith(name) for name in only if name not in {one.name for one in SCENARIOS}
    )


def _programs(scenarios: Sequence[Scenario], console: Console, *, compared: bool) -> Programs:
    """What is needed; one line for each that cannot be built."""

    def attempt(build: Callable[[building.Say], Path], what: str, *, needed: bool) -> Path | None:
        if not needed:
            return None
        try:
            return build(lambda line: console.print(line, style="dim"))
        except building.BuildError as error:
            console.print(f"{what} {error}", style="yellow")
            return None

    protocols = {one.protocol for one in scenarios}
    beside = compared and any("telegraf" in one.sides for one in scenarios)
    return Programs(
        attempt(building.opcua_server, "No OPC UA scenarios:", needed="opcua" in protocols),
        attempt(building.modbus_server, "No Modbus scenarios:", needed="modbus" in protocols),
        attempt(building.telegraf, "The product alone, without Telegraf:", needed=beside),
    )


@contextmanager
def _bench(out: Path, programs: Programs, console: Console) -> Iterator[tuple[Bench, Status]]:
    """A broker of its own. Logs of the last runs stay in `out`/work until the next."""
    work = out.resolve() / "work"
    shutil.rmtree(work, ignore_errors=True)
    with console.status("starting Kafka") as status, KafkaBroker(work / "kafka") as broker:
        yield Bench(broker, work / "kafka" / "data", work, programs, status.update), status


def _runs(
    bench: Bench, scenarios: Sequence[Scenario], pairs: int, lengths: Lengths, *, console: Console, status: Status
) -> Iterator[Run]:
    """The sides take turns in who is first; a side that fails once is left out of its scenario."""
    for scenario in scenarios:
        sides = list(scenario.sides)
        for pair in range(pairs):
            for side in tuple(sides if pair % 2 == 0 else sides[::-1]):
                told = f"{scenario.name} {pair + 1}/{pairs} {side}"
                bench.tell = _teller(status, told)
                try:
                    run = bench.run(scenario, side, lengths)
                except RunError as error:
                    console.print(f"{told}: {error}", style="yellow")
                    sides.remove(side)
                    continue
                console.print(f"{told}: {_line(run)}", style="dim", highlight=False)
                yield run


def _teller(status: Status, what: str) -> Tell:
    return lambda text: status.update(f"{what}: {text}")


def _line(run: Run) -> str:
    return (
        f"{run.rate:,.0f}/s, {run.cpu:.4f} CPU-s per 10,000, {run.rss:.0f} MiB, "
        f"p50 {run.p50:.1f} p99 {run.p99:.1f} ms, "
        f"lost {run.lost:,}, duplicated {run.duplicated:,}, {run.octets:.1f} octets/sample"
    )


def _profile(bench: Bench, scenarios: Sequence[Scenario], lengths: Lengths, out: Path, console: Console) -> None:
    for scenario in scenarios:
        stats = out.resolve() / f"profile-{scenario.name}.pstats"
        try:
            run = bench.run(scenario, "product", lengths, stats)
        except RunError as error:
            console.print(f"{scenario.name}: {error}", style="yellow")
            continue
        by_thread = sorted(run.threads.items(), key=lambda item: -item[1])
        lines = [f"{scenario.name}, under the profiler: {_line(run)}", "", "CPU seconds by thread:"]
        lines += [f"  {name} {seconds:.2f}" for name, seconds in by_thread if seconds >= 0.01]
        lines += [
            "",
            "CPU seconds of the loop's thread by part:",
            *_by_part(parts(stats)),
        ]
        text = "\n".join([*lines, "", table(stats)])
        stats.with_suffix(".txt").write_text(text)
        console.print(text, highlight=False)
        console.print(f"written to {stats.with_suffix('.txt')}", style="dim")


def _by_part(found: Mapping[str, float]) -> Iterator[str]:
    whole = sum(found.values())
    for part, seconds in found.items():
        yield f"  {seconds:6.2f}  {seconds / whole:4.0%}  {part}"


def _show(console: Console, scenarios: Sequence[Scenario], runs: Sequence[Run], found: Sequence[Verdict]) -> None:
    table = Table(*report.titles()[:2], box=None, header_style="dim")
    for title in report.titles()[2:]:
        table.add_column(title, justify="right")
    for row in report.rows(scenarios, runs):
        table.add_row(*row, style="bold" if row[1] == "ratio" else "")
    console.print(table)
    goals = Table("goal", box=None, header_style="dim")
    goals.add_column("measured", justify="right")
    goals.add_column("")
    for verdict in found:
        style = "green" if verdict.word.startswith("met") else "red"
        goals.add_row(report.goal_text(verdict), report.value_text(verdict), verdict.word, style=style)
    console.print(goals)


def _conditions() -> Iterator[str]:
    """When and on what."""
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())  # fmt: skip
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    yield f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} × {model}, load average {os.getloadavg()[0]:.1f}."
    yield f"Product at {commit.stdout.strip() or 'unknown'}: journal with fsync, seals and {agents.ALARMS} limits. "
    yield f"Telegraf {building.TELEGRAF}. CPU and memory are the agent's alone."


def _write(
    file: Path, scenarios: Sequence[Scenario], runs: Sequence[Run], found: Sequence[Verdict], head: Sequence[str]
) -> None:
    file.with_suffix(".md").write_text(report.markdown(scenarios, runs, found, head))
    goals = [{"goal": asdict(verdict.goal), "measured": verdict.value, "verdict": verdict.word} for verdict in found]
    document = {"head": list(head), "runs": [asdict(run) for run in runs], "goals": goals}
    file.with_suffix(".json").write_text(json.dumps(document, indent=1))
    for measure in PLOTTED:
        file.with_name(f"{file.name}-{measure}.svg").write_text(report.plot(scenarios, runs, measure))


if __name__ == "__main__":
    app(prog_name="./dev bench compare")
