"""Lines, a row for each with each product: what runs, how complete its data are, what of it waits. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.archive.lives import AlarmLife
from gateway.batches.standing import BatchStanding, Phase
from gateway.cleanroom.levels import Words
from gateway.cleanroom.site import Site
from gateway.views.alarms import Tone, alarm_row
from gateway.views.known import Work
from gateway.views.sources import SILENT_AFTER
from gateway.views.waiting import Urgency, Wait

TONES: Sequence[Tone] = ("action", "alert", "data")


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line with one batch that runs there, or with what ran last. Times are UTC microseconds.

    `agreed` is False where agreements are in force and none gives anything of the line. `here` says that the site of
    this node has the line: of others no alarms, rooms and sources are known. `silent` is since when nothing was heard.
    `waits` counts what of it waits for who looks, `first` is the most urgent.
    """

    line: str
    here: bool
    product: str | None
    name: Words | None
    running: BatchStanding | None
    last: BatchStanding | None
    agreed: bool
    alarms: int
    tone: Tone | None
    complete_to: int | None
    silent: int | None
    sealed: int | None
    waits: int
    first: Wait | None

    @property
    def key(self) -> str:
        """Names the row."""
        running = self.running
        return f"{self.line} {self.product} {'' if running is None else running.number}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the whole node now: complete to, last heard of, the newest seal of all its streams."""

    complete_to: int | None
    heard: int | None
    sealed: int | None


def line_rows(
    site: Site,
    work: Work,
    *,
    alarms: Collection[AlarmLife],
    waits: Sequence[Wait],
    standing: Standing,
    now: int,
) -> list[LineRow]:
    """The site's own line first, then others that records name, by name; on each, what began last first."""
    by_line: dict[str, list[BatchStanding]] = {site.line: []}
    for one in work.batches:
        by_line.setdefault(one.line or site.line, []).append(one)
    agreed = _agreed(work, now)
    names = {code: name for (_, code), name in agreed.items()}
    ours = {line for line, _ in agreed}
    rows: list[LineRow] = []
    for line in sorted(by_line, key=lambda name: (name != site.line, name)):
        here = line == site.line
        open_ = [life for life in alarms if life.active and here]
        tones = {alarm_row(life, now).tone for life in open_}
        for product, running, last in _shown(by_line[line], [code for at, code in agreed if at == line]):
            mine = [one for one in waits if _is_of(one, line, site.line, running, product)]
            rows.append(
                LineRow(
                    line, here, product, names.get(product or ""), running, last, not agreed or line in ours,
                    len(open_), min(tones, key=TONES.index, default=None), standing.complete_to if here else None,
                    _silent(standing.heard, now) if here else None, standing.sealed if here else None,
                    len(mine), min(mine, key=lambda one: list(Urgency).index(one.urgency), default=None),
                )
            )  # fmt: skip
    return rows


def _agreed(work: Work, now: int) -> Mapping[tuple[str, str], Words]:
    """Line and product of the agreements in force, with the product's name."""
    products = (one for version in work.signed.at(now) for one in version.agreement.products)
    return {(line, one.code): one.name for one in products for line in one.lines}


def _shown(
    batches: Sequence[BatchStanding], codes: Iterable[str]
) -> Iterator[tuple[str | None, BatchStanding | None, BatchStanding | None]]:
    """Product, what runs and what ran last: each batch that runs, and each agreed product of which none does."""
    running = [one for one in batches if one.phase is Phase.RUNNING]
    ended = [one for one in batches if one.phase is Phase.ENDED]
    for one in sorted(running, key=lambda batch: -(batch.began or 0)):
        yield one.product, one, None
    idle = [code for code in dict.fromkeys(codes) if all(one.product != code for one in running)]
    for code in idle:
        yield code, None, next((one for one in ended if one.product == code), None)
    if not running and not idle:
        yield (ended[0].product if ended else None), None, ended[0] if ended else None


def _is_of(one: Wait, line: str, own: str, running: BatchStanding | None, product: str | None) -> bool:
    if running is not None and one.batch == running.number:
        return True
    if one.batch is not None or one.product is not None:
        return running is None and (one.line or own) == line and one.product == product
    return False


def _silent(heard: int | None, now: int) -> int | None:
    return heard if heard is not None and now - heard > SILENT_AFTER else None
