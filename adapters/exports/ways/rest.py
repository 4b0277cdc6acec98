"""The source `rest`: lists of a web service, asked for again and again.

A round asks for all pages of a list. Only when it ends is the highest value of `since` known to be behind us, for
nobody says in which order rows come; the ledger has it with the last page, or with the next one that is kept.
"""

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.contract import Adapter
from adapters.exports.formats.row import FileRefusedError
from adapters.exports.formats.rows import blocks_once
from adapters.exports.ledger import Ledger
from adapters.exports.mapping import MappingError, load
from adapters.exports.originals import CHUNK
from adapters.exports.source import ExportSource
from adapters.exports.ways.rest_client import Answer, Client, RequestError, Sort, WaitError
from adapters.exports.ways.rest_settings import PagesSettings, RequestSettings, RestSettings
from adapters.exports.ways.rest_since import asked, highest
from adapters.exports.ways.way import Way

ACCEPT = {"json": "application/json", "csv": "text/csv", "xml": "application/xml"}
PARSED = 64 * 1024 * 1024
"""Octets of a body in which a token is looked for: it is held in memory for that."""
KNOWN = 10_000
"""Answers that are known again."""
_KEY = b"\0request "
"""Before a request's name, where the ledger remembers paths; no path has a NUL."""


@dataclass(frozen=True, slots=True)
class Page:
    """What an answer said. `rows` is None where nobody counted."""

    sha: str
    validators: Mapping[str, str]
    following: str | None
    highest: str | None
    rows: int | None


@dataclass(frozen=True, slots=True)
class FoundAnswer:
    """A body that is new, in a file of ours."""

    request: RequestSettings
    name: str
    seen: tuple[bytes, str]
    body: Path
    page: Page

    @property
    def size(self) -> int:
        """Octets."""
        return self.body.stat().st_size


@dataclass(slots=True)
class _Round:
    """The pages of a list that are under way: the next address, pages before it, and the highest value in those."""

    address: str
    pages: int = 0
    highest: str | None = None


@dataclass(slots=True)
class _Asked:
    """A request in this life."""

    since: str | None
    files: int
    round: _Round | None = None
    known: dict[str, Page] = field(default_factory=dict)
    """Answers by address, for the next round."""


class Requests:
    """As `Way`."""

    def __init__(
        self, settings: RestSettings, client: Client, signature: Callable[[bytes], str | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """`signature` is what the ledger remembers. `clock` is monotonic, in seconds."""
        self._settings, self._client, self._clock = settings, client, clock
        self._incoming = settings.keep / "incoming"
        self._asked = {one.name: _remembered(one, signature(_KEY + one.name.encode())) for one in settings.requests}
        self._unreadable: dict[str, str] = {}
        self._not_before = 0.0

    @property
    def waiting(self) -> int:
        """Lists of which pages are missing."""
        return sum(one.round is not None for one in self._asked.values())

    @property
    def more(self) -> bool:
        """Whether a round is under way, and the server wants to be asked."""
        return self.waiting > 0 and self._clock() >= self._not_before

    @property
    def unreadable(self) -> Mapping[str, str]:
        """As `Way`."""
        return self._unreadable

    def check(self) -> None:
        """As `Way`."""
        self._client.reach(self._settings.requests[0].path)

    def look(self) -> Sequence[FoundAnswer]:
        """The next page of each list; only of those under way, if there are any."""
        if self._clock() < self._not_before:
            return []
        going = [one for one in self._settings.requests if self._asked[one.name].round is not None]
        found = []
        for request in going or self._settings.requests:
            try:
                answer = self._next(request, self._asked[request.name])
            except WaitError as error:
                self._not_before = self._clock() + error.seconds
                break
            except (RequestError, MappingError) as error:
                self._asked[request.name].round = None
                self._unreadable[request.name] = str(error)
                continue
            if answer is not None:
                found.append(answer)
        return found

    def chunks(self, found: FoundAnswer) -> Iterator[bytes]:
        """As `Way`."""
        with found.body.open("rb") as body:
            while chunk := body.read(CHUNK):
                yield chunk

    def taken(self, found: FoundAnswer) -> None:
        """As `Way`."""
        found.body.unlink(missing_ok=True)
        asked = self._asked[found.request.name]
        asked.files += 1
        self._behind(asked, found.page)

    def close(self) -> None:
        """As `Way`."""
        self._client.close()

    def _next(self, request: RequestSettings, asked: _Asked) -> FoundAnswer | None:
        """The next page; None where it says nothing new."""
        if asked.round is None:
            self._unreadable.pop(request.name, None)
            asked.round = _Round(self._client.address(request.path, self._first(request, asked)))
        this = asked.round
        before = asked.known.get(this.address)
        body, page = self._fetched(request, this, before)
        if body is None or page.rows == 0 or (before is not None and before.sha == page.sha):
            if body is not None:
                body.unlink()
            self._behind(asked, page)
            return None
        name = request.file(this.pages + 1 if request.since is None else asked.files + 1)
        since = _further(this, page) if page.following is None else None
        seen = json.dumps({"since": since or asked.since, "files": asked.files + 1})
        return FoundAnswer(request, name, (_KEY + request.name.encode(), seen), body, page)

    def _first(self, request: RequestSettings, known: _Asked) -> dict[str, str]:
        parameters = {}
        if request.since is not None and known.since is not None:
            parameters[request.since.parameter] = asked(known.since, request.since)
        if request.pages is not None and request.pages.by == "number":
            parameters[request.pages.parameter or ""] = str(request.pages.first)
        return parameters

    def _fetched(self, request: RequestSettings, this: _Round, before: Page | None) -> tuple[Path | None, Page]:
        """A body in a file, and what it says; None of one that is known."""
        handle, name = tempfile.mkstemp(dir=self._incoming)
        body = Path(name)
        try:
            with open(handle, "wb") as file:  # noqa: PTH123 - a handle
                answer = self._client.get(
                    this.address, ACCEPT[request.ending], {} if before is None else before.validators, file
                )
            if answer.sort is Sort.NEW:
                return body, self._page(request, this, answer, body)
            body.unlink()
            return None, Page("", {}, None, None, 0) if answer.sort is Sort.EMPTY or before is None else before
        except BaseException:
            body.unlink(missing_ok=True)
            raise

    def _page(self, request: RequestSettings, this: _Round, answer: Answer, body: Path) -> Page:
        with body.open("rb") as content:
            sha = hashlib.file_digest(content, "sha256").hexdigest()
        rows, most = self._rows(request, this, body)
        following = self._following(request, this, answer, body, rows)
        return Page(sha, _validators(answer.headers), following, most, rows)

    def _rows(self, request: RequestSettings, this: _Round, body: Path) -> tuple[int | None, str | None]:
        """How many rows there are, and the highest value of `since`; a body that is damaged has none."""
        numbered = request.pages is not None and request.pages.by == "number"
        if request.since is None and not numbered:
            return None, None
        name = request.file(this.pages + 1)
        mapping = load(next(one.mapping for one in self._settings.mappings if one.fit(name)))
        column = request.since.column if request.since is not None else None
        needed = frozenset([column]) if column is not None else mapping.columns
        rows, most = 0, None
        try:
            for block in blocks_once(body, mapping.format, needed):
                rows += len(block)
                if column is not None:
                    most = highest([most, *block.columns()[column]], column)
        except FileRefusedError:
            return None, None
        return rows, most

    def _following(
        self, request: RequestSettings, this: _Round, answer: Answer, body: Path, rows: int | None
    ) -> str | None:
        """The address of the next page."""
        pages = request.pages
        if pages is None or (pages.by == "number" and not rows):
            return None
        if this.pages + 1 >= pages.most:
            raise RequestError(f"has more than {pages.most} pages (most)")
        if pages.by == "number":
            return self._with(this, pages, str(pages.first + this.pages + 1))
        if pages.by == "link":
            link = answer.following
        else:
            link = _token(body, pages.path or "")
            if link is not None and not link.startswith(("http:", "https:", "/")):
                return self._with(this, pages, link)
        following = None if not link else self._client.address(link, {})
        if following == this.address:
            raise RequestError("names a page as the one behind itself")
        return following

    def _with(self, this: _Round, pages: PagesSettings, value: str) -> str:
        return self._client.address(this.address, {pages.parameter or "": value})

    def _behind(self, asked: _Asked, page: Page) -> None:
        """A page is taken, or says nothing new."""
        this = asked.round
        if this is None:
            return
        asked.known[this.address] = page
        if len(asked.known) > KNOWN:
            del asked.known[next(iter(asked.known))]
        most = _further(this, page)
        if page.following is None:
            asked.round, asked.since = None, most or asked.since
        else:
            asked.round = _Round(page.following, this.pages + 1, most)


def _remembered(request: RequestSettings, seen: str | None) -> _Asked:
    start = None if request.since is None else request.since.start
    if seen is None:
        return _Asked(start, 0)
    said: dict[str, Any] = json.loads(seen)
    return _Asked(said["since"] or start, said["files"])


def _further(this: _Round, page: Page) -> str | None:
    return highest([this.highest, page.highest], "since")


def _validators(headers: Mapping[str, str]) -> dict[str, str]:
    names = {"etag": "if-none-match", "last-modified": "if-modified-since"}
    return {ask: headers[told] for told, ask in names.items() if told in headers}


def _token(body: Path, path: str) -> str | None:
    if body.stat().st_size > PARSED:
        raise RequestError(f"a page is larger than {PARSED // 1024**2} MiB: too large to look for its token")
    try:
        found: object = json.loads(body.read_bytes())
    except (ValueError, RecursionError):
        return None  # it is kept and refused, with the reason
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return str(found) if isinstance(found, str | int) and found != "" else None


class RestSource(ExportSource):
    """Asks by itself."""

    def __init__(self, settings: RestSettings) -> None:
        super().__init__(settings, settings.poll_interval)
        self._remote = settings

    def way(self, ledger: Ledger | None) -> Way[FoundAnswer]:
        """The requests."""
        signature = ledger.signature if ledger is not None else lambda _: None
        return Requests(self._remote, Client(self._remote, self._worker.alive), signature)


REST = Adapter(settings=RestSettings, source=RestSource, waits=True)
