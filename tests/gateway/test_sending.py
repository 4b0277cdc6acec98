"""What persons say goes to the other side and home, over a real Kafka."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.archive.archive import Archive
from gateway.archive.noticed import steps_of
from gateway.intake.intake import Intake
from gateway.link.settings import KafkaSettings
from gateway.notices.routed import drafts_of
from gateway.outbox import Outbox
from gateway.proof.keys import Role, generate, public_keys
from gateway.sending import ABROAD, HOME, Sending, sent_by
from schemas.notices import NoticeEvent, NoticeStep
from tests.gateway.notices.steps import HOLDER, raised, step
from tests.support.eventually import eventually

WITHIN = 90.0


class Party:
    """One side: its outbox, and an archive that has what the other says and what itself says."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.sender, self.node = generate(name, Role.SENDER, name), generate(name, Role.NODE, name)
        self.outbox, self.archive = Outbox(folder / f"{name}.journal"), Archive(None)

    def known(self) -> list[tuple[str, NoticeStep]]:
        """The steps that it has, and from whom."""
        return sorted(((one.origin, one.step) for one in steps_of(self.archive)), key=lambda one: one[1].time)

    def sent(self, to: str, size: int) -> bool:
        """Whether Kafka has so many entries."""
        return self.outbox.journal.cursor(f"{self.name}.{self.name}.{to}.notices.v1") == size

    def confirmed(self, to: str, size: int) -> bool:
        """Whether the recipient has countersigned so many entries."""
        return self.outbox.journal.confirmed(f"{self.name}.{self.name}.{to}.notices.v1")[0] == size

    @asynccontextmanager
    async def exchanging(self, kafka: str, other: "Party") -> AsyncIterator[None]:
        settings = KafkaSettings(bootstrap=kafka, security="plaintext")
        trusted = [*public_keys(self.sender), *public_keys(self.node), *public_keys(other.sender)]
        trusted += public_keys(other.node)
        streams = sent_by(self.name, [other.name, self.name])
        sending = Sending(settings, self.outbox.journal, streams, self.sender, trusted)
        self.outbox.written = sending.wake
        intakes = [
            Intake(settings, (origin, self.name), trusted, self.node, self.archive, families=families)
            for origin, families in ((other.name, ABROAD), (self.name, HOME))
        ]
        tasks = [asyncio.create_task(sending.run())]
        for one in intakes:
            tasks += [asyncio.create_task(one.answer()), asyncio.create_task(_all(one))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


async def _all(intake: Intake) -> None:
    async for _ in intake.batches():
        pass


@pytest.mark.kafka
async def test_both_sides_keep_the_whole_conversation(kafka: str, tmp_path: Path) -> None:
    """Also what was said while the other side was away; every stream is proven and confirmed, the home ones too."""
    mark = uuid4().hex[:8]
    cmo, holder = Party(tmp_path, f"cmo-{mark}"), Party(tmp_path, f"holder-{mark}")
    first = replace(raised(), party=cmo.name, to=(holder.name,))
    second = replace(step(first, NoticeEvent.RECEIVED, HOLDER), party=holder.name, to=(cmo.name,))
    told, both = [(cmo.name, first)], [(cmo.name, first), (holder.name, second)]
    async with AsyncExitStack() as stack:
        async with cmo.exchanging(kafka, holder):
            await cmo.outbox.append(drafts_of(first))
            await eventually(lambda: cmo.known() == told, within=WITHIN)
            await eventually(partial(cmo.sent, holder.name, 3), within=WITHIN)
        assert holder.known() == []
        await stack.enter_async_context(holder.exchanging(kafka, cmo))
        await eventually(lambda: holder.known() == told, within=WITHIN)
        await holder.outbox.append(drafts_of(second))
        await eventually(lambda: holder.known() == both, within=WITHIN)
        await stack.enter_async_context(cmo.exchanging(kafka, holder))
        await eventually(lambda: cmo.known() == both, within=WITHIN)
        for one, other in ((cmo, holder), (holder, cmo)):
            for to in (one, other):
                await eventually(partial(one.confirmed, to.name, 3), within=WITHIN)
    for one in (cmo, holder):
        await one.outbox.close()
        one.archive.close()
