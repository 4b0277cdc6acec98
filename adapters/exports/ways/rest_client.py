"""GET, carefully: nobody else's server, bounded, and whole or not at all."""

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import IO

import httpx

from adapters.exports.settings import token_in
from adapters.exports.ways.rest_settings import RestSettings
from adapters.exports.ways.way import AwayError
from schemas.records import GapCause

LOCKED = 60.0
"""Seconds after a refused token."""
LONGEST_WAIT = 3600.0
"""Seconds that a server may ask us to wait."""
USUAL_WAIT = 60.0
"""Seconds after which we ask again where it does not say."""
REDIRECTS = 5
_REFUSED, _TOO_MANY, _SERVER = frozenset({401, 403}), 429, 500


class RequestError(Exception):
    """This request gives nothing; the message says why, in a line."""


class WaitError(Exception):
    """The server wants no more questions for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"asked to wait for {seconds:g} s")
        self.seconds = seconds


class Sort(Enum):
    """What there is of a body."""

    NEW = "new"
    KNOWN = "known"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came beside the body; `following` is the next page as the header `Link` names it."""

    headers: Mapping[str, str]
    following: str | None
    sort: Sort = Sort.NEW


class Client:
    """Asks one server. Calls raise AwayError."""

    def __init__(self, settings: RestSettings, alive: Callable[[], None]) -> None:
        """`alive` is called whenever the server gave something."""
        self._settings, self._alive = settings, alive
        self._base = httpx.URL(settings.url)
        try:
            self._client = httpx.Client(
                verify=_context(settings), headers=_headers(settings), timeout=settings.patience, trust_env=False
            )
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise AwayError(f"certificate, trust or token cannot be used: {error}", GapCause.OTHER) from error

    def address(self, path: str, parameters: Mapping[str, str]) -> str:
        """Of the server. Raises RequestError for an address of another one."""
        try:
            url = self._base.join(path)
        except (httpx.InvalidURL, ValueError) as error:
            raise RequestError(f"{path[:100]!r} is no address") from error
        self._ours(url)
        return str(url.copy_merge_params(parameters) if parameters else url)

    def reach(self, path: str) -> None:
        """Prove that the server is there and admits us, whatever it has under the path."""
        try:
            status = self._client.head(self._base.join(path)).status_code
        except httpx.HTTPError as error:
            raise self._away(error) from error
        if status in _REFUSED or status >= _SERVER:
            self._refused(status, None)

    def get(self, address: str, accept: str, known: Mapping[str, str], body: IO[bytes]) -> Answer:
        """The body goes into the file. `known` are validators of the last answer (RFC 9110, 13).

        Raises RequestError and WaitError.
        """
        url = httpx.URL(address)
        try:
            for _ in range(REDIRECTS):
                with self._client.stream("GET", url, headers={"accept": accept, **known}) as response:
                    self._alive()
                    if response.has_redirect_location:
                        url = url.join(response.headers["location"])
                        self._ours(url)
                        continue
                    return self._taken(response, body)
        except httpx.HTTPError as error:
            raise self._away(error) from error
        except (httpx.InvalidURL, ValueError) as error:
            raise RequestError(f"redirects to what is no address: {error}") from error
        raise RequestError(f"redirects more than {REDIRECTS} times")

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _ours(self, url: httpx.URL) -> None:
        if (url.scheme, url.host, url.port) != (self._base.scheme, self._base.host, self._base.port):
            raise RequestError(f"leads to another server, {url.scheme}://{url.netloc.decode('ascii', 'replace')}")

    def _taken(self, response: httpx.Response, body: IO[bytes]) -> Answer:
        status, following = response.status_code, response.links.get("next", {}).get("url")
        if status == httpx.codes.NOT_MODIFIED:
            return Answer(response.headers, following, Sort.KNOWN)
        if status == httpx.codes.NO_CONTENT:
            return Answer(response.headers, following, Sort.EMPTY)
        if status != httpx.codes.OK:
            self._refused(status, response.headers.get("retry-after"))
        if response.headers.get("content-encoding", "identity") != "identity":
            raise RequestError("answers in an encoding that was not asked for")
        if not {"content-length", "transfer-encoding"} & response.headers.keys():
            raise RequestError("says neither how long the answer is nor where it ends: it may be cut off")
        largest, size = self._settings.largest_mib * 1024 * 1024, 0
        for chunk in response.iter_raw():
            self._alive()
            size += len(chunk)
            if size > largest:
                raise RequestError(f"the answer is larger than {self._settings.largest_mib} MiB (largest_mib)")
            body.write(chunk)
        body.flush()
        return Answer(response.headers, following)

    def _refused(self, status: int, retry_after: str | None) -> None:
        wait = seconds_of(retry_after)
        if status in _REFUSED:
            why = f"{self._settings.url} refuses us (HTTP {status}); correct token_file or certificate"
            raise AwayError(why, GapCause.OTHER, LOCKED)
        if status == _TOO_MANY:
            raise WaitError(USUAL_WAIT if wait is None else wait)
        if status >= _SERVER:
            raise AwayError(f"{self._settings.url}: HTTP {status}", pause=wait or 0.0)
        raise RequestError(f"HTTP {status}")

    def _away(self, error: httpx.HTTPError) -> AwayError:
        said = " ".join(str(error).split()) or type(error).__name__
        cause = GapCause.DEVICE_SILENT if isinstance(error, httpx.TimeoutException) else GapCause.DEVICE_UNREACHABLE
        return AwayError(f"{self._settings.url}: {said}", cause)


def seconds_of(retry_after: str | None, now: Callable[[], float] = time.time) -> float | None:
    """Seconds, or an HTTP date (RFC 9110, 10.2.3), an hour at most; None for nothing and what is neither."""
    if retry_after is None:
        return None
    try:
        wait = float(retry_after) if retry_after.isdecimal() else parsedate_to_datetime(retry_after).timestamp() - now()
    except ValueError:
        return None
    return min(max(wait, 0.0), LONGEST_WAIT)


def _context(settings: RestSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=None if settings.trust is None else str(settings.trust))
    if settings.certificate is not None and settings.private_key is not None:
        context.load_cert_chain(settings.certificate, settings.private_key)
    return context


def _headers(settings: RestSettings) -> dict[str, str]:
    headers, where = {"accept-encoding": "identity", "user-agent": "cmo-edge"}, settings.token_header
    if settings.token_file is not None:
        token = token_in(settings.token_file)
        headers[where] = f"Bearer {token}" if where == "Authorization" else token
    return headers
