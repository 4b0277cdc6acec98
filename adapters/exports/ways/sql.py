"""The source `sql`: views of a database, read in pages that are kept as files."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Connection, CursorResult

from adapters.contract import Adapter
from adapters.exports.ledger import Ledger
from adapters.exports.source import ExportSource
from adapters.exports.ways import sql_page
from adapters.exports.ways.sql_database import Database
from adapters.exports.ways.sql_page import Page, PageFullError, Place, Value, ViewError
from adapters.exports.ways.sql_settings import SqlSettings, ViewSettings
from adapters.exports.ways.way import Way

log = structlog.get_logger(__name__)
BATCH = 500
"""Rows that the driver fetches at once."""
OCTETS = 8 * 1024 * 1024
"""Most of a page, which is held in memory."""
REMEMBERED = 200_000
"""Most rows of a view that are known again where it is read again; older ones become repeats, which is as right."""
_KEY = b"\0view "
"""Before a view's name, where the ledger remembers paths; no path has a NUL."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Rows as CSV; the place of the last one; whether more come; digests of the new ones with their first column."""

    content: bytes
    last: Place
    full: bool
    digests: Mapping[bytes, Value]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """New rows of a view."""

    view: ViewSettings
    name: str
    seen: tuple[bytes, str]
    rows: Fetched

    @property
    def size(self) -> int:
        """Octets."""
        return len(self.rows.content)


@dataclass(slots=True)
class _Reading:
    """Where a view is in this life: behind a place in a round, or before a new one; rows that are known."""

    behind: Place | None = None
    known: dict[bytes, Value] = field(default_factory=dict)

    def remember(self, digests: Mapping[bytes, Value]) -> None:
        """They were taken."""
        self.known |= digests
        for digest in [*self.known][: max(0, len(self.known) - REMEMBERED)]:
            del self.known[digest]

    def forget(self, start: Value | None) -> None:
        """Nothing before this is read again. Raises ViewError."""
        if start is not None:
            self.known = {one: at for one, at in self.known.items() if not sql_page.before(at, start)}


class Views:
    """As `Way`. The ledger remembers the last row of each view, and the number of its pages."""

    def __init__(
        self, settings: SqlSettings, database: Database, signature: Callable[[bytes], str | None],
        alive: Callable[[], None],
    ) -> None:  # fmt: skip
        """`signature` is what the ledger remembers; `alive` is called whenever the database gave something."""
        self._settings, self._database, self._signature, self._alive = settings, database, signature, alive
        self._readings = {one.view: _Reading() for one in settings.views}
        self._unreadable: dict[str, str] = {}

    @property
    def waiting(self) -> int:
        """Nobody knows how many rows there are."""
        return 0

    @property
    def more(self) -> bool:
        """Whether a round is under way."""
        return any(one.behind is not None for one in self._readings.values())

    @property
    def unreadable(self) -> Mapping[str, str]:
        """As `Way`."""
        return self._unreadable

    def check(self) -> None:
        """As `Way`; a user that may write is told in the log."""
        try:
            writable = self._database.writable()
        except ViewError as error:
            log.warning("rights unknown", source=self._settings.name, why=str(error))
            return
        if writable is not None:
            log.warning("user may write", source=self._settings.name, what=writable, remedy="grant SELECT only")

    def look(self) -> Sequence[FoundPage]:
        """The next page of each view; only those of a round under way, if there is one."""
        going = [one for one in self._settings.views if self._readings[one.view].behind is not None]
        found = []
        for view in going or self._settings.views:
            try:
                page = self._next(view, self._readings[view.view])
            except ViewError as error:
                self._readings[view.view].behind = None
                self._unreadable[view.view] = str(error)
                continue
            if page is not None:
                found.append(page)
        return found

    def chunks(self, found: FoundPage) -> Iterator[bytes]:
        """As `Way`."""
        yield found.rows.content

    def taken(self, found: FoundPage) -> None:
        """As `Way`."""
        reading = self._readings[found.view.view]
        reading.behind = found.rows.last if found.rows.full else None
        reading.remember(found.rows.digests)

    def close(self) -> None:
        """As `Way`."""
        self._database.close()

    def _next(self, view: ViewSettings, reading: _Reading) -> FoundPage | None:
        """The next page; None where it has no row that is new."""
        seen = _KEY + view.view.encode()
        remembered = self._signature(seen)
        place, pages = (None, 0) if remembered is None else sql_page.read(remembered)
        with self._database.connection() as connection:
            if reading.behind is None:
                start = None if place is None else sql_page.earlier(place, view)
                self._begin(view, reading, start, connection)
                statement = sql_page.rows_of(view, self._settings.page, start, None)
            else:
                statement = sql_page.rows_of(view, self._settings.page, None, reading.behind)
            some = self._fetched(view, reading, connection.execution_options(yield_per=BATCH).execute(statement))
        if some is None or not some.digests:
            reading.behind = some.last if some is not None and some.full else None
            return None
        furthest = some.last if place is None else sql_page.further(some.last, place)
        signature = sql_page.written(furthest, pages + 1)
        return FoundPage(view, view.file(pages + 1), (seen, signature), some)

    def _begin(self, view: ViewSettings, reading: _Reading, start: Value | None, connection: Connection) -> None:
        """A new round."""
        self._unreadable.pop(view.view, None)
        reading.forget(start)
        if connection.scalar(sql_page.lost_rows(view)):
            self._unreadable[view.view] = f"has rows that are never read: {' or '.join(view.order)} is empty there"

    def _fetched(self, view: ViewSettings, reading: _Reading, result: CursorResult[Any]) -> Fetched | None:
        """None where there are no rows."""
        names = [*result.keys()]
        if missing := sorted({*view.order} - {*names}):
            raise ViewError(f"has no column {', '.join(missing)}; there are {', '.join(names)}"[:400])
        at = [names.index(name) for name in view.order]
        page, last, digests, count = (
            Page(names, min(OCTETS, self._settings.largest_mib * 1024 * 1024)),
            None,
            dict[bytes, Value](),
            0,
        )
        for row in result:
            if not count % BATCH:
                self._alive()
            place = sql_page.placed([row[index] for index in at], view.order)
            try:
                digest = page.take(row, reading.known.__contains__)
            except PageFullError:
                count = self._settings.page
                break
            count, last = count + 1, place
            if digest is not None:
                digests[digest] = place[0]
        return None if last is None else Fetched(page.content(), last, count >= self._settings.page, digests)


class SqlSource(ExportSource):
    """Looks for rows by itself."""

    def __init__(self, settings: SqlSettings) -> None:
        super().__init__(settings, settings.poll_interval)
        self._read = settings

    def way(self, ledger: Ledger | None) -> Way[FoundPage]:
        """The views."""
        signature = ledger.signature if ledger is not None else lambda _: None
        return Views(self._read, Database(self._read), signature, self._worker.alive)


SQL = Adapter(settings=SqlSettings, source=SqlSource, waits=True)
