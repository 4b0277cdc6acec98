import asyncio
import os
import signal
import struct
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from asyncua import ua
from structlog.testing import capture_logs

from adapters.contract import SourceError
from adapters.opcua import ADAPTER
from adapters.opcua.fast.publishing import Publishing
from adapters.opcua.fast.takeover import Slot
from adapters.opcua.settings import OpcUaSettings
from adapters.opcua.source import OpcUaSource
from schemas.records import GapCause
from schemas.status import Reason, StatusCode
from tests.adapters.opcua.plant import NAMESPACE, Plant, running
from tests.adapters.support import Reading, free_port, reading
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")  # a server takes seconds to start: one for all

DOUBLE = ua.VariantType.Double
SILENCE = 3.0


def source(endpoint: str, **nodes: str) -> OpcUaSource:
    tags = [{"name": name, "node": node} for name, node in nodes.items()]
    settings = ADAPTER.settings.model_validate(
        {
            "type": "opcua",
            "name": "plc",
            "endpoint": endpoint,
            "security": "none",
            "publishing_interval": 0.1,
            "sampling_interval": 0.05,
            "silence": SILENCE,
            "timeout": 3,
            "tags": tags,
        }
    )
    assert isinstance(settings, OpcUaSettings)
    return OpcUaSource(settings)


def node(name: str) -> str:
    return f"nsu={NAMESPACE};s={name}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plant() -> AsyncIterator[Plant]:
    async with running(free_port()) as started:
        yield started


async def test_values_come_with_type_time_and_status(plant: Plant) -> None:
    """First values of all tags, then changes; text and codes keep their type, source time is the server's."""
    await plant.add("DP", 12.5, DOUBLE)
    await plant.add("state", 3, ua.VariantType.Int32)
    await plant.add("recipe", "Wash", ua.VariantType.String)
    when: Any = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    async with reading(source(plant.endpoint, DP=node("DP"), state=node("state"), recipe=node("recipe"))) as found:
        assert (await found.value("DP")).value == 12.5
        assert (await found.value("state")).value == 3
        assert (await found.value("recipe")).value == "Wash"
        await plant.write("DP", ua.DataValue(ua.Variant(9.5, DOUBLE), SourceTimestamp=when))
        await eventually(lambda: [row.value for row in found.rows("DP")] == [12.5, 9.5], within=60)
    changed = found.rows("DP")[-1]
    assert (changed.status, changed.reason) == (StatusCode.UNCERTAIN, Reason.TIME)  # earlier than the first value's
    assert changed.source_time == 1767323045678901


async def test_a_wrong_node_id_is_a_bad_tag_and_the_others_go_on(plant: Plant) -> None:
    """Unknown node and unknown namespace: one Bad sample each, reason CONFIG."""
    await plant.add("DP", 12.5, DOUBLE)
    wrong = {"gone": node("Gone"), "elsewhere": "nsu=urn:elsewhere;s=DP"}
    async with reading(source(plant.endpoint, DP=node("DP"), **wrong)) as found:
        assert (await found.value("DP")).status == StatusCode.GOOD
        for name in wrong:
            row = await found.value(name)
            assert (row.value, row.status, row.reason) == (None, StatusCode.BAD_NODE_ID_UNKNOWN, Reason.CONFIG)
        await plant.write("DP", ua.DataValue(ua.Variant(8.0, DOUBLE)))
        await eventually(lambda: found.rows("DP")[-1].value == 8.0, within=60)
        assert all(len(found.rows(name)) == 1 for name in wrong)


async def test_a_bad_status_with_a_value_in_it_brings_no_value(plant: Plant) -> None:
    """The server keeps the last value beside BadSensorFailure; what comes out is null with that number (F04)."""
    await plant.add("DP", 12.5, DOUBLE)
    async with reading(source(plant.endpoint, DP=node("DP"))) as found:
        await found.value("DP")
        failed = ua.StatusCode(ua.UInt32(StatusCode.BAD_SENSOR_FAILURE))
        await plant.write("DP", ua.DataValue(ua.Variant(12.5, DOUBLE), failed))
        await eventually(lambda: len(found.rows("DP")) == 2, within=60)
    last = found.rows("DP")[-1]
    assert (last.value, last.status, last.reason) == (None, StatusCode.BAD_SENSOR_FAILURE, Reason.SOURCE)


async def test_nan_from_the_server_is_bad(plant: Plant) -> None:
    """A NaN with a Good status is no value."""
    await plant.add("DP", float("nan"), DOUBLE)
    async with reading(source(plant.endpoint, DP=node("DP"))) as found:
        row = await found.value("DP")
    assert (row.value, row.status, row.reason) == (None, StatusCode.BAD_OUT_OF_RANGE, Reason.NOT_A_NUMBER)


async def test_a_server_with_nothing_new_gives_empty_frames(plant: Plant) -> None:
    """So that a value that stands still can be told from a server that is dead."""
    await plant.add("DP", 12.5, DOUBLE)
    async with reading(source(plant.endpoint, DP=node("DP"))) as found:
        await eventually(lambda: sum(len(frame) == 0 for frame in found.frames) >= 3, within=60)
        assert len(found.rows("DP")) == 1


async def test_many_changes_at_once_come_in_few_frames(plant: Plant) -> None:
    """A publish response is one frame, however many values are in it."""
    names = [f"T{number}" for number in range(50)]
    for name in names:
        await plant.add(name, 0.0, DOUBLE)
    async with reading(source(plant.endpoint, **{name: node(name) for name in names})) as found:
        await eventually(lambda: all(found.last(name) for name in names), within=60)
    filled = [len(frame) for frame in found.frames if len(frame)]
    assert sum(filled) == 50
    assert len(filled) <= 5


async def test_a_subscription_dropped_by_the_server_is_noticed_although_the_session_lives(plant: Plant) -> None:
    """The client is told nothing (F01); reads are still answered; connecting again brings the values back."""
    await plant.add("DP", 12.5, DOUBLE)
    lost = source(plant.endpoint, DP=node("DP"))
    async with reading(lost) as found:
        await found.value("DP")
        assert await plant.delete_subscriptions() == 1
        began = asyncio.get_running_loop().time()
        error = await found.ended(within=SILENCE + 20)
        assert error.cause is GapCause.SUBSCRIPTION_LOST
        assert asyncio.get_running_loop().time() - began < SILENCE + 10
    async with reading(lost) as again:
        assert (await again.value("DP")).status == StatusCode.GOOD


async def change(plant: Plant, found: Reading, values: Iterable[float]) -> None:
    """Have them told one after the other, each in a notification of its own."""
    for value in values:
        await plant.write("DP", ua.DataValue(ua.Variant(value, DOUBLE)))
        await eventually(lambda: found.rows("DP")[-1].value == value, within=60)  # noqa: B023 - awaited in the loop


async def test_the_server_forgets_what_is_safe(plant: Plant) -> None:
    """Each notification is acknowledged."""
    await plant.add("DP", 0.0, DOUBLE)
    async with reading(source(plant.endpoint, DP=node("DP"))) as found:
        await found.value("DP")
        await change(plant, found, [1.0, 2.0, 3.0, 4.0])
        await eventually(lambda: plant.unacknowledged() <= 1, within=60)


async def test_the_fast_path_leaves_at_the_server_what_is_not_safe(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notification whose frame was not acknowledged by the agent can be asked for again."""

    async def forget(*_: object) -> None:
        pass

    monkeypatch.setattr(OpcUaSource, "acknowledge", forget)
    await plant.add("DP", 0.0, DOUBLE)
    async with reading(source(plant.endpoint, DP=node("DP"))) as found:
        await found.value("DP")
        await change(plant, found, [1.0, 2.0, 3.0, 4.0])
        assert plant.unacknowledged() >= 4


async def test_the_fast_path_asks_again_for_what_was_lost_on_the_way(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Republish brings the values in their place, over the same subscription."""
    lose, take = [2.0], Publishing._take_at_once

    def lossy(self: Publishing, answer: Slot) -> bool:
        if lose and struct.pack("<d", lose[0]) in answer.octets:
            lose.clear()
            return True
        return take(self, answer)

    monkeypatch.setattr(Publishing, "_take_at_once", lossy)
    await plant.add("DP", 0.0, DOUBLE)
    async with reading(source(plant.endpoint, DP=node("DP"))) as found:
        await found.value("DP")
        await change(plant, found, [1.0])
        await plant.write("DP", ua.DataValue(ua.Variant(2.0, DOUBLE)))
        await eventually(lambda: not lose, within=60)
        await plant.write("DP", ua.DataValue(ua.Variant(3.0, DOUBLE)))
        await eventually(lambda: found.rows("DP")[-1].value == 3.0, within=60)
        assert found.error is None
    assert [row.value for row in found.rows("DP")] == [0.0, 1.0, 2.0, 3.0]


async def test_the_fast_path_goes_when_it_is_not_wanted(plant: Plant) -> None:
    """The session keeps its own loop."""
    await plant.add("DP", 12.5, DOUBLE)
    wanted = source(plant.endpoint, DP=node("DP"))
    plain = OpcUaSource(wanted._settings.model_copy(update={"fast": False}))
    for one, taken in ((wanted, True), (plain, False)):
        async with reading(one) as found:
            assert (await found.value("DP")).value == 12.5
            assert one._client is not None
            assert ("_publish_loop" in vars(one._client.uaclient.session)) is taken


async def test_the_fast_path_goes_when_the_library_is_another(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line in the log says why, and the values come all the same."""
    monkeypatch.setattr("adapters.opcua.source.misfit", lambda _: "it was changed")
    await plant.add("DP", 12.5, DOUBLE)
    with capture_logs() as logs:
        async with reading(source(plant.endpoint, DP=node("DP"))) as found:
            assert (await found.value("DP")).value == 12.5
    assert [(log["log_level"], log["reason"]) for log in logs if "fast path" in log["event"]] == [
        ("warning", "it was changed")
    ]


async def test_frames_are_joined_where_that_is_wanted(plant: Plant) -> None:
    """Changes of several publishing intervals in one frame, all of them, in their order."""
    await plant.add("DP", 0.0, DOUBLE)
    plain = source(plant.endpoint, DP=node("DP"))
    slow = OpcUaSource(plain._settings.model_copy(update={"coalesce": 1.0}))
    async with reading(slow) as found:
        await found.value("DP")
        for value in range(1, 9):
            await plant.write("DP", ua.DataValue(ua.Variant(float(value), DOUBLE)))
            await asyncio.sleep(0.12)  # more than a publishing interval
        await eventually(lambda: found.rows("DP")[-1].value == 8.0, within=60)
    assert [row.value for row in found.rows("DP")] == [float(value) for value in range(9)]
    assert max(len(frame) for frame in found.frames) > 1


async def test_close_ends_the_session_at_the_server(plant: Plant) -> None:
    """No session or subscription is left behind to fill the server's places."""
    await plant.add("DP", 12.5, DOUBLE)
    async with reading(source(plant.endpoint, DP=node("DP"))) as found:
        await found.value("DP")
        assert plant.subscriptions() == 1
        assert plant.connections() == 1
    await eventually(lambda: plant.subscriptions() == 0 and plant.connections() == 0, within=60)


async def test_nobody_at_the_port_is_unreachable() -> None:
    """The error names the endpoint; close after a failed connect does no harm."""
    port = free_port()
    nobody = source(f"opc.tcp://127.0.0.1:{port}", DP=node("DP"))
    with pytest.raises(SourceError, match=str(port)) as lost:
        await nobody.connect()
    await nobody.close()
    assert lost.value.cause is GapCause.DEVICE_UNREACHABLE


async def test_something_else_at_the_port_is_an_error_in_time() -> None:
    """A server that speaks another protocol makes connect fail, not hang or crash."""

    async def chat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 5)
        await reader.read()
        writer.close()

    async with await asyncio.start_server(chat, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        stranger = source(f"opc.tcp://127.0.0.1:{port}", DP=node("DP"))
        with pytest.raises(SourceError):
            await stranger.connect()
        await stranger.close()


@asynccontextmanager
async def child(port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """A server in a process of its own, which can be frozen or killed."""
    root = Path(__file__).parents[3]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.adapters.opcua.plant",
        str(port),
        cwd=root,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize(
    ("blow", "causes"),
    [
        (signal.SIGKILL, {GapCause.DEVICE_UNREACHABLE}),
        (signal.SIGSTOP, {GapCause.DEVICE_SILENT}),
    ],
)
async def test_a_server_that_is_killed_or_frozen_is_lost_in_time(blow: signal.Signals, causes: set[Any]) -> None:
    """Within `silence` and a second; closing a frozen server's session does not hang; it comes back by itself."""
    port = free_port()
    loop = asyncio.get_running_loop()
    lost = source(f"opc.tcp://127.0.0.1:{port}", DP=node("F1.DP"))
    async with child(port) as process:
        async with reading(lost) as found:
            await eventually(lambda: len(found.rows("DP")) > 3, within=60)
            os.kill(process.pid, blow)
            began = loop.time()
            error = await found.ended(within=SILENCE + 20)
            assert error.cause in causes
            assert loop.time() - began < SILENCE + 10
            began = loop.time()
        assert loop.time() - began < 15
        if blow is signal.SIGSTOP:
            os.kill(process.pid, signal.SIGCONT)
            async with reading(lost) as again:
                assert (await again.value("DP", within=60)).status == StatusCode.GOOD


async def test_a_frozen_server_makes_connect_fail_in_time() -> None:
    """The port accepts, nobody answers."""
    port = free_port()
    async with child(port) as process:
        os.kill(process.pid, signal.SIGSTOP)
        frozen = source(f"opc.tcp://127.0.0.1:{port}", DP=node("F1.DP"))
        with pytest.raises(SourceError) as lost:
            await frozen.connect()
        await frozen.close()
    assert lost.value.cause is GapCause.DEVICE_SILENT
