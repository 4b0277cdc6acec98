"""A broker that is away in different ways while samples flow: what the short tests and the long ones share."""

import asyncio
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient

from gateway.link.topics import topics
from simulators.broker import KafkaBroker
from simulators.broker.cluster import KafkaCluster
from tests.support.eventually import eventually
from tests.support.judge import Evidence, Verdict, judge
from tests.support.line import CMO, Line, line

WAITING = 40
"""Records that shall wait in the journal before the broker comes back: two seconds' worth."""


async def frozen(broker: KafkaBroker, folder: Path, seconds: float) -> tuple[Verdict, Evidence]:
    """Hold the broker, connections and all, for so long; then let it go on."""
    async with line(folder, broker.bootstrap) as one:
        await _flow(one)
        broker.freeze()
        try:
            await asyncio.sleep(seconds)
        finally:
            broker.thaw()
        return await _end(one)


async def killed(broker: KafkaBroker, folder: Path, times: int) -> tuple[Verdict, Evidence]:
    """Kill the broker again and again, and start it anew once records wait."""
    async with line(folder, broker.bootstrap) as one:
        await _flow(one)
        for _ in range(times):
            await one.flowing()
            broker.kill()
            await one.makes(WAITING)
            await asyncio.to_thread(broker.restart)
        return await _end(one)


async def leader_killed(cluster: KafkaCluster, folder: Path) -> tuple[Verdict, Evidence]:
    """Kill the broker that leads the partition of the measurements; the other two go on without it."""
    async with line(folder, cluster.bootstrap) as one:
        await _flow(one)
        await eventually(lambda: all_in_sync(one), within=120)
        leader = await leader_of(one)
        cluster.brokers[leader].kill()
        await one.flowing(within=180)  # a client that has met only this broker so far is replaced after 90 s
        assert await leader_of(one) != leader
        return await _end(one)


async def leader_of(one: Line) -> int:
    """The node that leads the only partition of the measurements."""
    return int((await _partition(one))["leader"])


async def all_in_sync(one: Line) -> bool:
    """Whether all three brokers hold all of the measurements."""
    return len((await _partition(one))["isr"]) == 3


async def _partition(one: Line) -> dict[str, Any]:
    admin = AIOKafkaAdminClient(bootstrap_servers=one.bootstrap)
    await admin.start()
    try:
        (described,) = await admin.describe_topics([topics(CMO, one.holder)[0]])
    finally:
        await admin.close()
    (partition,) = described["partitions"]
    assert len(partition["replicas"]) == 3, partition
    return dict(partition)


async def _flow(one: Line) -> None:
    one.start_node()
    one.start_agent()
    await one.flowing()


async def _end(one: Line) -> tuple[Verdict, Evidence]:
    await one.flowing(within=120)
    one.stop("agent")
    await one.complete()
    one.stop("node")
    evidence = await one.evidence()
    return judge(evidence), evidence
