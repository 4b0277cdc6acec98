"""A console with a made-up clean area behind it, served from a thread, so that a browser can be driven beside it."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TypeVar

from gateway.archive.archive import Archive
from gateway.cleanroom.site import Site
from gateway.console.desk import Desk
from gateway.console.server import serve
from gateway.console.verifying import Verifying
from gateway.intake.live import Live
from gateway.intake.message import Message
from schemas.codec import Record
from tests.gateway.messages import SECOND, message

NOW = 1_781_150_602_000_000
"""2026-06-11 12:03:22 UTC+8; the stage's clock stands still until a test moves it."""
Answer = TypeVar("Answer")
SITE = Site.model_validate(
    {
        "site": "plant-a",
        "name": {"en": "Plant A", "zh": "甲工厂"},
        "line": "line-3",
        "zone": "Asia/Shanghai",
        "rooms": [
            {"id": "C1", "name": {"en": "Corridor", "zh": "洁净走廊"}, "grade": "D", "at": [0, 0, 6, 2]},
            {
                "id": "F1",
                "name": {"en": "Aseptic filling", "zh": "无菌灌装间"},
                "grade": "B",
                "at": [0, 3, 3, 3],
                "tags": {"temperature": "F1.Temperature"},
            },
            {"id": "M1", "name": {"en": "Material air lock", "zh": "物流气锁间"}, "grade": "C", "at": [3, 3, 3, 3]},
        ],
        "differentials": [
            {"tag": "F1.DP.M1", "room": "F1", "against": "M1", "limit": {"low": 10}},
            {"tag": "M1.DP.C1", "room": "M1", "against": "C1", "limit": {"low": 10}},
            {"tag": "F1.DP.C1", "room": "F1", "against": "C1"},
        ],
        "doors": [{"tag": "Door.F1-M1", "between": ["F1", "M1"]}],
    }
)


class Stage:
    """The console's desk and address. Everything that touches the desk happens on the console's own loop."""

    def __init__(self) -> None:
        self.time = NOW
        self.desk = Desk(SITE, Archive(None), Live(), now=lambda: self.time)
        self.address = ""
        self.loop: asyncio.AbstractEventLoop = asyncio.new_event_loop()
        self._offset = 0

    def do(self, action: Callable[[], Answer]) -> Answer:
        """Run on the console's loop and wait for it."""
        done: Future[Answer] = Future()
        self.loop.call_soon_threadsafe(lambda: done.set_result(action()))
        return done.result(60)

    def clear(self) -> None:
        """As on the first day: nothing received, the clock at NOW."""
        self.time = NOW
        self.do(self._forget)

    def _forget(self) -> None:
        self.desk.archive, self.desk.live = Archive(None), Live()
        self.desk.verifying = Verifying(self.desk)
        self.desk.forget()

    def receive(self, *records: Record | None, arrived: int | None = None) -> None:
        """What the node does with a batch of messages: store, apply, tell."""
        messages = [self._message(record, arrived or self.time) for record in records]
        self.do(lambda: self._receive(messages))

    def wait(self, seconds: float) -> None:
        """Let the stage's clock go on; the pages follow."""
        self.time += int(seconds * SECOND)
        self.do(self.desk.changed)

    def _message(self, record: Record | None, arrived: int) -> Message:
        self._offset += 1
        return message(record, self._offset, arrived=arrived)

    def _receive(self, messages: Sequence[Message]) -> None:
        self.desk.archive.store(messages)
        self.desk.live.apply(messages)
        self.desk.changed()


@contextmanager
def staged() -> Iterator[Stage]:
    """A served stage."""
    stage, address, serving = Stage(), Future[str](), Future[asyncio.Future[None]]()

    async def run() -> None:
        task = asyncio.ensure_future(serve(stage.desk, "127.0.0.1", 0, ready=address.set_result))
        serving.set_result(task)
        with suppress(asyncio.CancelledError):
            await task

    def main() -> None:
        with asyncio.Runner(loop_factory=lambda: stage.loop) as runner:
            runner.run(run())

    thread = threading.Thread(target=main, daemon=True)
    thread.start()
    stage.address = address.result(60)
    try:
        yield stage
    finally:
        stage.loop.call_soon_threadsafe(serving.result(60).cancel)
        thread.join(60)
