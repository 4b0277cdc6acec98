"""An agent's side with several recipients as the agent joins it, and holders that archive and confirm."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from edge.route import Route
from gateway.archive.archive import Archive
from gateway.intake.intake import Intake
from gateway.journal.journal import Journal
from gateway.link.publisher import streams_of
from gateway.link.sealer import Sealer
from gateway.link.settings import KafkaSettings
from gateway.link.topics import Stream
from gateway.link.uplinks import Uplinks
from gateway.proof.keys import public_keys
from gateway.proof.note import SigningKey
from tests.gateway.link.uplinks import MIB
from tests.gateway.messages import frame


def kafka_at(bootstrap: str) -> KafkaSettings:
    return KafkaSettings(bootstrap=bootstrap, security="plaintext")


class Several:
    """A journal, its uplinks and its sealer; `brokers` are the bootstraps by recipient."""

    def __init__(
        self,
        brokers: Mapping[str, str],
        file: Path,
        key: SigningKey,
        nodes: Mapping[str, SigningKey] = MappingProxyType({}),
    ) -> None:
        origin, _, sender = key.name.split("/")
        streams = streams_of(origin, sender, list(brokers))
        every = [one for some in streams.values() for one in some]
        self.journal = Journal(file, limit=64 * MIB)
        trusted = [public for node in nodes.values() for public in public_keys(node)]
        clusters = {recipient: kafka_at(bootstrap) for recipient, bootstrap in brokers.items()}
        self.uplinks = Uplinks(clusters, self.journal, every, key, trusted)
        self._sealer = Sealer(self.journal, key, every, self.uplinks.offer_seal, interval=1)
        self._route = Route(streams)
        self._measurements = {one.recipient: one for one in streams["measurements"]}

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.uplinks.run())
            tasks.create_task(self._sealer.run())

    def offer_frames(self, numbers: Iterable[int]) -> None:
        records = [frame({"dp": float(number)}, received=number) for number in numbers]
        self.journal.append(list(self._route.all(records)))
        self.uplinks.wake()

    def stream(self, recipient: str) -> Stream:
        """Of measurements."""
        return self._measurements[recipient]

    async def drained(self, recipient: str) -> None:
        await asyncio.wait_for(self.uplinks.by_recipient[recipient].publisher.drained(), 60)

    def problem(self, recipient: str) -> str:
        return self.uplinks.by_recipient[recipient].publisher.problem or ""

    def confirmed(self, recipient: str) -> int:
        return self.journal.confirmed(self.stream(recipient).name)[0]

    def all_confirmed(self, recipient: str) -> bool:
        return self.confirmed(recipient) == self.journal.size(self.stream(recipient).name)


class Holder:
    """A holder's node without its console; its topics may be on a Kafka of its own."""

    def __init__(self, bootstrap: str, name: str, file: Path, key: SigningKey, node: SigningKey) -> None:
        self.archive = Archive(file)
        origin = key.name.split("/")[0]
        self._intake = Intake(kafka_at(bootstrap), (origin, name), public_keys(key), node, self.archive)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._intake.answer())
            tasks.create_task(self._receive())

    async def _receive(self) -> None:
        async for _ in self._intake.batches():
            pass

    def values(self) -> list[float]:
        """In the order of their numbers."""
        return [value for (value,) in self.archive.rows("SELECT value FROM samples ORDER BY number")]


@asynccontextmanager
async def together(*parts: Several | Holder) -> AsyncIterator[None]:
    """All of them run, and what they opened is closed."""
    tasks = [asyncio.create_task(part.run()) for part in parts]
    try:
        yield
        for task in tasks:
            assert not task.done(), task.exception()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for part in parts:
            await asyncio.to_thread(part.archive.close if isinstance(part, Holder) else part.journal.close)
