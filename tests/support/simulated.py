"""A simulated plant over its HTTP control, for tests."""

import asyncio
import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.plant import RunningPlant

PATIENCE = 60.0
"""s: a device that starts anew takes several on a busy machine."""


@dataclass(frozen=True)
class Remote:
    """Where `cmo-sim run --control` listens."""

    host: str
    port: int

    @classmethod
    def of(cls, plant: RunningPlant) -> Self:
        """As the plant's events tell it."""
        event = plant.event("control")
        assert event is not None, "the plant was started without --control"
        return cls.at(event["arguments"]["address"])

    @classmethod
    def at(cls, address: str) -> Self:
        """`http://host:port`."""
        url = urlsplit(address)
        return cls(url.hostname or "", url.port or 0)

    async def send(self, method: str, *path: str, body: object = None) -> tuple[int, Any]:
        """Status and answer."""
        return await asyncio.to_thread(self._send, method, "/".join(("", *path)), body)

    async def ask(self, method: str, *path: str, body: object = None) -> Any:
        """The answer, which must be a good one."""
        status, answer = await self.send(method, *path, body=body)
        assert status == 200, answer
        return answer

    def _send(self, method: str, path: str, body: object) -> tuple[int, Any]:
        connection = HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()
