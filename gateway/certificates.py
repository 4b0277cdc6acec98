"""When the certificates expire that a program uses: a connection that ends by the calendar is announced before.

Of a file with several certificates (a chain, a list of authorities) the first to expire counts. Files that cannot be
read are left out: whoever uses them says so.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from cryptography import x509
from pydantic import BaseModel

log = structlog.get_logger(__name__)

NEAR = timedelta(days=30)
"""How long before the end it is said."""
LOOK = 3600.0
"""Seconds between two looks at the files, which are exchanged while the program runs."""
SAY = timedelta(days=1)
"""Between two lines in the log about the same."""
SETTINGS = {"certificate", "certificate_file", "ca_file", "trust"}
"""Settings that name a file of certificates, or a folder, which is not looked into."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """The end of the first certificate of a file; `subject` as RFC 4514 writes it."""

    file: Path
    subject: str
    at: datetime

    def left(self, now: datetime) -> timedelta:
        """How long it is still valid; negative once it has expired."""
        return self.at - now

    def near(self, now: datetime) -> bool:
        """Whether it expires soon, and has not yet."""
        return timedelta(0) < self.left(now) <= NEAR

    def over(self, now: datetime) -> bool:
        """Whether it has expired."""
        return self.left(now) <= timedelta(0)


def first_to_expire(octets: bytes) -> tuple[str, datetime]:
    """Subject and end (UTC) of the certificate that expires first, in PEM or DER. Raises ValueError without one."""
    pem = b"-----BEGIN" in octets
    try:
        found = x509.load_pem_x509_certificates(octets) if pem else [x509.load_der_x509_certificate(octets)]
    except x509.InvalidVersion as error:  # which is no ValueError, as all else is
        raise ValueError(str(error)) from error
    first = min(found, key=lambda one: one.not_valid_after_utc)
    return first.subject.rfc4514_string(), first.not_valid_after_utc


def files_of(settings: object) -> Iterator[Path]:
    """The files of certificates that settings name, however deep."""
    if isinstance(settings, BaseModel):
        for name, value in settings:
            if isinstance(value, Path):
                yield from (value,) if name in SETTINGS else ()
            else:
                yield from files_of(value)
    elif isinstance(settings, Mapping):
        yield from (file for value in settings.values() for file in files_of(value))
    elif isinstance(settings, Sequence) and not isinstance(settings, str | bytes):
        yield from (file for value in settings for file in files_of(value))


def expiries(files: Iterable[Path]) -> list[Expiry]:
    """Of each file that has a certificate, the first to expire first. Blocking."""
    found = []
    for file in dict.fromkeys(files):
        try:
            found.append(Expiry(file, *first_to_expire(file.read_bytes())))
        except (OSError, ValueError):
            continue
    return sorted(found, key=lambda one: (one.at, one.file))


class Watch:
    """Looks at the certificates of a program as long as it runs."""

    def __init__(self, files: Callable[[], Iterable[Path]], clock: Callable[[], datetime] | None = None) -> None:
        """`files` names them, at each look anew."""
        self._files = files
        self._clock = clock or (lambda: datetime.now(UTC))
        self._said: tuple[Sequence[Expiry], datetime] = ((), datetime.min.replace(tzinfo=UTC))
        self.found: Sequence[Expiry] = ()

    async def run(self) -> None:
        """Look and say, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Once; what expires soon, or has expired, goes into the log when it is new, and once a day."""
        self.found = await asyncio.to_thread(lambda: expiries(self._files()))
        now = self._clock()
        worth = [one for one in self.found if one.near(now) or one.over(now)]
        if worth == self._said[0] and now < self._said[1] + SAY:
            return
        self._said = worth, now
        for one in worth:
            say = log.error if one.over(now) else log.warning
            say("certificate expired" if one.over(now) else "certificate expires soon", **_told(one, now))

    @property
    def expiring(self) -> int:
        """Files that expire soon."""
        now = self._clock()
        return sum(one.near(now) for one in self.found)

    @property
    def expired(self) -> int:
        """Files that have expired."""
        now = self._clock()
        return sum(one.over(now) for one in self.found)

    def status(self) -> list[dict[str, Any]]:
        """File, subject, end (ISO 8601), and days that are left, whole ones; the first to expire first."""
        now = self._clock()
        return [_told(one, now) for one in self.found]


def _told(one: Expiry, now: datetime) -> dict[str, Any]:
    end = one.at.isoformat().replace("+00:00", "Z")
    return {"file": str(one.file), "subject": one.subject, "expires": end, "days": one.left(now) // timedelta(days=1)}
