"""The OPC UA adapter against servers on other stacks: node-opcua and Eclipse Milo."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from adapters.contract import SourceError
from adapters.opcua import ADAPTER
from adapters.opcua.certificates import make_pair, save_pair
from adapters.opcua.source import OpcUaSource
from schemas.records import GapCause
from schemas.status import Reason, StatusCode
from tests.adapters.opcua.records import Records, keeping
from tests.adapters.support import reading
from tests.interop.opcua_servers import NAMESPACE, Milo, NodeOpcUa, Other, running
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")  # a server takes seconds to start: one of each for all
SILENCE = 4.0
TYPES = {"DP": "Double", "N": "UInt64", "S": "String"}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[NodeOpcUa, Milo], ids=lambda kind: kind.name)
async def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Other]:
    async with running(request.param, tmp_path_factory.mktemp(request.param.name)) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def server(started: Other) -> Other:
    """With its first values, also after a test that changed them; we trust nobody yet."""
    shutil.rmtree(started.folder / "trust", ignore_errors=True)
    if not started.alive:
        await started.start()
    await started.write("DP", "Double", 12.5, time=datetime.now(UTC))
    await started.write("N", "UInt64", 2**63 + 1, time=datetime.now(UTC))
    await started.write("S", "String", "洗净", time=datetime.now(UTC))
    return started


def source(server: Other, **changes: Any) -> OpcUaSource:
    tags = [{"name": name, "node": f"nsu={NAMESPACE};s={name}"} for name in TYPES]
    document = {
        "type": "opcua", "name": "plc", "endpoint": server.endpoint, "security": "none", "publishing_interval": 0.1,
        "sampling_interval": 0.05, "silence": SILENCE, "timeout": 15,
        "tags": [tags[0] | {"unit": "Pa"}, *tags[1:]],
    }  # fmt: skip
    made = ADAPTER.source(ADAPTER.settings.model_validate(document | changes, context={"folder": server.folder}))
    assert isinstance(made, OpcUaSource)
    return made


def security(**changes: str) -> dict[str, str]:
    given = {"policy": "Basic256Sha256", "certificate": "own.der", "private_key": "own.pem", "trust": "trust"}
    return given | changes


def trust_server(server: Other) -> None:
    (server.folder / "trust").mkdir()
    shutil.copy(server.folder / "server.der", server.folder / "trust")


async def test_values_come_exactly(server: Other) -> None:
    """Numbers, an integer beyond 64 bits signed, Chinese text; unit and range of the server fit."""
    async with reading(source(server)) as found:
        dp = await found.value("DP")
        assert (dp.value, dp.status, dp.reason, dp.unit) == (12.5, StatusCode.GOOD, Reason.NONE, "Pa")
        assert dp.source_time is not None
        assert (await found.value("N")).value == str(2**63 + 1)
        assert (await found.value("S")).value == "洗净"
        await server.write("DP", "Double", 13.5, time=datetime.now(UTC))
        await eventually(lambda: found.rows("DP")[-1].value == 13.5, within=60)


async def test_fa3_another_unit_than_the_server_s_is_no_value(server: Other) -> None:
    """Both describe DP in Pa by its UN/ECE code."""
    tags = [{"name": "DP", "node": f"nsu={NAMESPACE};s=DP", "unit": "kPa"}]
    async with reading(source(server, tags=tags)) as found:
        row = await found.value("DP")
        assert (row.value, row.reason) == (None, Reason.UNIT)


async def test_f04_a_bad_status_with_a_value_brings_no_value(server: Other) -> None:
    """Whatever the stack makes of the value beside it."""
    async with reading(source(server)) as found:
        await found.value("DP")
        await server.write("DP", "Double", 12.5, status="BadSensorFailure", time=datetime.now(UTC))
        await eventually(lambda: len(found.rows("DP")) == 2, within=60)
    last = found.rows("DP")[-1]
    assert (last.value, last.status, last.reason) == (None, StatusCode.BAD_SENSOR_FAILURE, Reason.SOURCE)


async def test_f05_a_missing_source_time_is_never_one_of_ours(server: Other) -> None:
    """Milo says none; node-opcua fills in one of its own, which is then what the server says."""
    async with reading(source(server)) as found:
        await found.value("DP")
        await server.write("DP", "Double", 7.5)
        await eventually(lambda: found.rows("DP")[-1].value == 7.5, within=60)
    row = found.rows("DP")[-1]
    assert (row.source_time is None) == isinstance(server, Milo)
    assert row.status == StatusCode.GOOD


async def test_values_come_encrypted_when_each_side_trusts_the_other(server: Other) -> None:
    """Basic256Sha256, SignAndEncrypt, certificates of their own on both sides."""
    trust_server(server)
    async with reading(source(server, security=security())) as found:
        assert (await found.value("DP")).value == 12.5


async def test_f10_a_server_that_we_do_not_trust_is_refused(server: Other) -> None:
    """Its certificate is put aside for the engineer."""
    (server.folder / "trust").mkdir()
    made = source(server, security=security())
    with pytest.raises(SourceError, match="BadCertificateUntrusted"):
        await made.connect()
    await made.close()
    assert len(list((server.folder / "trust" / "rejected").iterdir())) == 1


async def test_f10_a_server_that_does_not_trust_us_is_a_clear_error(server: Other) -> None:
    """Another certificate than the one it was given."""
    trust_server(server)
    stranger = make_pair("urn:cmo-a:other", "other", host="127.0.0.1")
    save_pair(stranger, server.folder / "other.der", server.folder / "other.pem")
    made = source(server, security=security(certificate="other.der", private_key="other.pem"))
    with pytest.raises(SourceError) as refused:
        await made.connect()
    await made.close()
    assert refused.value.cause is GapCause.DEVICE_UNREACHABLE
    assert "trust" in refused.value.detail


async def test_f02_a_server_that_is_killed_and_started_again_is_found_again(server: Other) -> None:
    """The gap has an end, and new values are Good."""
    async with keeping(source(server)) as records:
        await records.value("DP", 12.5)
        await server.stop()
        began = await records.gap()
        assert began.cause in {GapCause.DEVICE_UNREACHABLE, GapCause.DEVICE_SILENT}
        await server.start()
        await server.write("DP", "Double", 8.5, time=datetime.now(UTC))
        row = await records.value("DP", 8.5, within=60)
        assert row.status == StatusCode.GOOD
        assert (await records.gap(ended=True)).gap == began.gap


async def test_f03_a_break_is_filled_where_the_server_has_a_history(server: Other) -> None:
    """node-opcua keeps one of DP; Milo has none, and the gap stays as it is."""
    tags = [{"name": "DP", "node": f"nsu={NAMESPACE};s=DP", "unit": "Pa"}]
    async with keeping(source(server, history=True, tags=tags)) as records:
        await records.value("DP", 12.5)
        if not isinstance(server, NodeOpcUa):
            await _restarted(server, records)
            return
        await server.say('{"cut": true}')
        await records.gap()
        begin = datetime.now(UTC)
        for number in range(1, 1_201):  # its clock has milliseconds
            await server.write("DP", "Double", float(number), time=begin + timedelta(milliseconds=number))
        await server.say('{"listen": true}')
        await records.value("DP", 1_200.0, within=60)
        await server.write("DP", "Double", 9.5, time=begin + timedelta(seconds=30))
        filled = await records.gap(ended=True, backfilled=True, within=60)
    assert filled.backfilled
    assert [row.value for row in records.rows("DP", backfilled=True)] == [float(number) for number in range(1, 1_200)]


async def _restarted(server: Other, records: Records) -> None:
    await server.stop()
    await records.gap()
    await server.start()
    await server.write("DP", "Double", 8.5, time=datetime.now(UTC))
    await records.value("DP", 8.5, within=60)
    await records.gap(ended=True)
    assert not records.frames(backfilled=True)
    assert not any(gap.backfilled for gap in records.gaps())
