"""`cmo-edge alarms` and what a person at the line does with an alarm: asked of the running agent."""

import getpass
import re
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from edge.commands.arguments import ConfigFile, loaded, refuse
from edge.control import ask
from edge.settings import AgentConfiguration
from gateway.alarm.states import ENDED_BY, active
from schemas.records import AlarmKind, AlarmState

ConditionName = Annotated[
    str, typer.Argument(metavar="CONDITION", help="As `cmo-edge alarms` shows it, for example M1.DP.C1.LOW.")
]
Reason = Annotated[str, typer.Option(help="Why; becomes part of the record.")]
By = Annotated[str | None, typer.Option(help="Who does it; the login name where left out.")]
_DURATION = re.compile(r"(?=.)(?:(\d{1,4})h)?(?:(\d{1,4})m)?")
_WITHOUT_LIMIT = {AlarmKind.STALE, AlarmKind.BAD_STATUS, AlarmKind.OUT_OF_RANGE, AlarmKind.CALIBRATION_OVERDUE}


def alarms(config: ConfigFile) -> None:
    """The alarms of the running agent that are open; shelved ones and those out of service behind."""
    configuration = loaded(config)
    answer = _asked(configuration, "alarms")
    for line in alarm_lines(answer, configuration.site.zone, time.time_ns() // 1000):
        typer.echo(line)


def acknowledge(config: ConfigFile, condition: ConditionName, reason: Reason, by: By = None) -> None:
    """Acknowledge an alarm, with a reason."""
    _do(config, "acknowledge", "acknowledged", condition, reason, by)


def reset(config: ConfigFile, condition: ConditionName, reason: Reason, by: By = None) -> None:
    """Reset a latched alarm whose value is back."""
    _do(config, "reset", "reset", condition, reason, by)


def shelve(
    config: ConfigFile,
    condition: ConditionName,
    reason: Reason,
    duration: Annotated[str, typer.Option("--for", help="How long, such as 30m, 2h or 1h30m; 12h at most.")],
    by: By = None,
) -> None:
    """Keep an alarm quiet for a time; it comes back by itself."""
    until = time.time_ns() // 1000 + _microseconds(duration)
    _do(config, "shelve", "shelved", condition, reason, by, until=until)


def unshelve(config: ConfigFile, condition: ConditionName, reason: Reason, by: By = None) -> None:
    """End a shelving before its time."""
    _do(config, "unshelve", "no longer shelved", condition, reason, by)


def out_of_service(config: ConfigFile, condition: ConditionName, reason: Reason, by: By = None) -> None:
    """Take an alarm out of service, until somebody returns it."""
    _do(config, "out_of_service", "out of service", condition, reason, by)


def return_to_service(config: ConfigFile, condition: ConditionName, reason: Reason, by: By = None) -> None:
    """Return an alarm to service."""
    _do(config, "return_to_service", "in service again", condition, reason, by)


def _do(config: Any, do: str, done: str, condition: str, reason: str, by: str | None, **more: int) -> None:  # noqa: PLR0917 - what each command gives
    configuration = loaded(config)
    step = _asked(configuration, do, condition=condition, actor=by or getpass.getuser(), comment=reason, **more)
    until = "" if step["until"] is None else f" until {moment_text(step['until'], configuration.site.zone)}"
    typer.echo(f"{condition}: {done}{until}, now {step['state']}")


def _asked(configuration: AgentConfiguration, do: str, **arguments: Any) -> Any:
    if configuration.control_socket is None:
        refuse("the configuration has no control_socket; add one and restart the agent")
    return ask(configuration.control_socket, do, **arguments)


def _microseconds(text: str) -> int:
    found = _DURATION.fullmatch(text)
    if found is None:
        refuse(f"--for {text}: is no duration; write it as 30m, 2h or 1h30m")
    hours, minutes = (int(part or 0) for part in found.groups())
    return (hours * 60 + minutes) * 60_000_000


def alarm_lines(open_: Sequence[dict[str, Any]], zone: str, now: int) -> Iterator[str]:
    """The open alarms as lines, then the held ones; `now` UTC microseconds. Times in the plant's zone."""
    heads = {alarm["alarm"]: alarm["condition"] for alarm in open_}
    held = [alarm for alarm in open_ if alarm["state"] in ENDED_BY]
    shown = [alarm for alarm in open_ if alarm["state"] not in ENDED_BY]
    if not shown:
        yield "no open alarms"
    for alarm in shown:
        yield "\t".join((*_what(alarm), *_value(alarm), _duration(alarm, now), *_group(alarm, heads)))
    if held:
        yield "held:"
    for alarm in held:
        until = () if alarm["until"] is None else (f"until {moment_text(alarm['until'], zone)}",)
        yield "\t".join((*_what(alarm), *until, alarm["held"] or ""))


def _what(alarm: dict[str, Any]) -> tuple[str, str, str, str]:
    return alarm["condition"], alarm["state"], alarm["priority"], alarm["kind"]


def _value(alarm: dict[str, Any]) -> Iterator[str]:
    yield "no reading" if alarm["value"] is None else f"{alarm['value']:g} {alarm['unit']}"
    if alarm["kind"] not in _WITHOUT_LIMIT:
        yield f"limit {alarm['limit']:g} {alarm['unit']}"


def _duration(alarm: dict[str, Any], now: int) -> str:
    if active(AlarmState(alarm["state"])):
        return f"for {duration_text((now - alarm['since']) / 1e6)}"
    return "is back" if alarm["duration"] is None else f"is back, lasted {duration_text(alarm['duration'])}"


def _group(alarm: dict[str, Any], heads: dict[str, str]) -> Iterator[str]:
    if alarm["group"] is not None:
        head = heads.get(alarm["head"], "an alarm that is over")
        yield f"{alarm['group']}: {'first' if alarm['head'] is None else f'follows {head}'}"


def moment_text(time: int, zone: str) -> str:
    """UTC microseconds as a person at the plant reads them."""
    return f"{datetime.fromtimestamp(time / 1e6, ZoneInfo(zone)):%Y-%m-%d %H:%M:%S} ({zone})"


def duration_text(seconds: float) -> str:
    """The two largest parts of a duration."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{count} {unit}" for count, unit in zip((days, hours, minutes, rest), ("d", "h", "min", "s"), strict=True)
             if count]  # fmt: skip
    return " ".join(parts[:2]) or "0 s"
