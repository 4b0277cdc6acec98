"""`cmo-gateway retention`: what must be kept until when, and about what the holder is to be asked."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from fastapi.encoders import jsonable_encoder
from pydantic import TypeAdapter

from gateway.agreement.agreement import Agreement
from gateway.agreement.loading import files_in, load_all
from gateway.agreement.profile import Profile, profiles_for
from gateway.commands.arguments import ConfigFile, loaded, refuse
from gateway.commands.asking import asked
from gateway.configuration import ConfigurationError
from gateway.retention.archived import made_in
from gateway.retention.keeping import Keep, Made, State, What, kept
from gateway.running import Exit, complain, tell

_MADE = TypeAdapter(list[Made])
WHAT = {
    What.RECORDS: ("records", "记录"),
    What.PRODUCT_SAMPLES: ("retention samples of the product", "成品留样"),
    What.MATERIAL_SAMPLES: ("retention samples of materials", "物料留样"),
}
STATE = {
    State.KEEP: ("keep", "保存"),
    State.ASK: ("ask the holder in writing", "书面咨询持有人"),
    State.OVER: (
        "time is over; nothing is destroyed without the holder's written answer",
        "期限已满；未经持有人书面答复不得销毁",
    ),
    State.HELD: ("keep: a deviation, complaint or other quality event is open", "保存：有未关闭的质量事件"),
    State.UNKNOWN: ("keep: not before known", "保存：期限未知，不得销毁"),
}
NOTHING = ("nothing is deleted by this program, nor can it be", "本程序不删除任何数据，也没有删除功能")


def retention(
    config: ConfigFile,
    files: Annotated[list[Path], typer.Argument(metavar="AGREEMENT...", help="Agreements (YAML), or folders of them.")],
    *,
    due: Annotated[bool, typer.Option("--due", help="Only what the holder is to be asked about, or is over.")] = False,
    batch: Annotated[str | None, typer.Option(help="Only this batch.")] = None,
    day: Annotated[str | None, typer.Option(metavar="DATE", help="As of this day; else of today.")] = None,
    profiles: Annotated[Path | None, typer.Option(help="Folder with profiles of terms of your own.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
    zh: Annotated[bool, typer.Option("--zh", help="Words in Chinese.")] = False,
) -> None:
    """Tell for every batch what must be kept until when, by its expiry, its agreement and the law.

    Nothing is deleted, neither by this nor by any other command.
    """
    configuration = loaded(config)
    agreements, terms = _agreements(files, profiles)
    try:
        today = date.today() if day is None else date.fromisoformat(day)  # noqa: DTZ011 - the day where one stands
    except ValueError:
        refuse(f"--day {day}: is no date; write it as 2026-03-01")
    zone = ZoneInfo(configuration.site.zone)
    made = _MADE.validate_python(asked(configuration, lambda archive: made_in(archive, zone), "/api/retention"))
    found = [
        one
        for one in kept([one for one in made if batch in {None, one.batch}], agreements, terms, today)
        if not due or one.state in {State.ASK, State.OVER}
    ]
    if as_json:
        tell(json.dumps(jsonable_encoder(found), ensure_ascii=False))
        return
    for line in _lines(found, agreements, zh=zh):
        tell(line)


def _agreements(files: list[Path], profiles: Path | None) -> tuple[list[Agreement], list[tuple[Profile, ...]]]:
    try:
        agreements = [one.agreement for one in load_all(files_in(files))]
        terms = [tuple(profiles_for(one.profiles, one.cmo.country, profiles)) for one in agreements]
    except ConfigurationError as error:
        complain(error)
        raise typer.Exit(Exit.CONFIGURATION) from error
    return agreements, terms


def _lines(found: list[Keep], agreements: list[Agreement], *, zh: bool) -> Iterator[str]:
    for one in found:
        until = ("not known", "未知")[zh] if one.until is None else one.until.isoformat()
        parts = [until, one.batch, one.product or "-", WHAT[one.what][zh], STATE[one.state][zh], _basis(one, zh=zh)]
        yield "\t".join(parts)
        for sample in one.too_short:
            told = f"\tits source keeps sample {sample} for too short a time", f"\t来源系统中样品 {sample} 的保存期过短"
            yield told[zh]
    for agreement in agreements:
        years, name = agreement.retention.inspection_papers_years, f"{agreement.agreement}/{agreement.version}"
        yield (f"{name}: papers of inspections, {years:g} years", f"{name}：检查资料保存 {years:g} 年")[zh]
    yield NOTHING[zh]


def _basis(one: Keep, *, zh: bool) -> str:
    if one.by is None:
        return ("no agreement names the product", "没有协议列出该产品")[zh]
    if one.since is None:
        missing = (("release", "放行日期") if one.what is What.MATERIAL_SAMPLES else ("expiry", "有效期"))[zh]
        return (f"{missing} not known; {one.by}", f"{missing}未知；{one.by}")[zh]
    ask = "" if one.ask is None else (f"; ask from {one.ask}", f"；自 {one.ask} 起咨询")[zh]
    since = (("release", "放行") if one.what is What.MATERIAL_SAMPLES else ("expiry", "有效期至"))[zh]
    return (
        f"{since} {one.since} + {one.years:g} years, {one.by}{ask}",
        f"{since} {one.since} 后 {one.years:g} 年，{one.by}{ask}",
    )[zh]
