"""An agent that sends by three signed agreements to a real Kafka: what lies on the broker's disk for each holder."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.contract import now
from edge.agent import Agent
from edge.agreeing import held
from edge.settings import AgentConfiguration, load
from gateway.agreement.agreement import Agreement
from gateway.agreement.signing import ENDING
from gateway.link.topics import SCHEMAS, SEALS, topic, topics
from gateway.proof import keys
from gateway.proof.note import SigningKey
from schemas.context import Assignment, PlaceKind
from schemas.exported import Conclusion, LineClearance
from schemas.frame import TagTable, frame_of
from schemas.status import Reason
from simulators.ports import free_port
from tests.edge.stopping import stopped
from tests.edge.test_agent import SITE
from tests.gateway.agreement.making import CMO, of_holder, signed
from tests.gateway.agreement.routing.making import clause
from tests.gateway.link.uplinks import whole
from tests.support.kafka import PrivateKafka, create_topic

pytestmark = pytest.mark.kafka
HOLDERS = {"holder-b": ("ZB-100", "B-70011"), "holder-c": ("ZC-200", "C-80022"), "holder-d": ("ZD-300", "D-90033")}
"""Each with the code of its product and a batch of it; all products have one generic name."""
BESIDE = SCHEMAS, SEALS
"""What else goes to a holder."""
MINUTE = 60_000_000


def an_agreement(holder: str, key: SigningKey) -> Agreement:
    """On room M1 with its own batches, and on the corridor."""
    parts = (
        clause("E-1", rooms=["M1"], before=30), clause("E-2", rooms=["C1"], when="always"),
        clause("E-3", families=["batches"]),
    )  # fmt: skip
    return of_holder(holder, key, HOLDERS[holder][0], [one.model_dump(mode="json") for one in parts])


def configured(folder: Path, kafka: str) -> Path:
    """The agent's files, with agreements that both sides signed."""
    (folder / "agreements").mkdir()
    trust = {"cmo": CMO}
    for holder in HOLDERS:
        trust[holder] = keys.generate(holder, keys.Role.SIGNATORY, "qa")
        made = signed(an_agreement(holder, trust[holder]), trust[holder], CMO)
        file = folder / "agreements" / f"{holder}.yaml"
        file.write_bytes(made.octets)
        file.with_name(file.name + ENDING).write_bytes(made.note or b"")
    for name, key in trust.items():
        (folder / f"{name}.vkey").write_text(f"{keys.public_keys(key)[0]}\n")
    keys.save(keys.generate("cmo-a", keys.Role.SENDER, "line-3"), folder / "line-3.key")
    source = {"type": "modbus", "name": "ems", "host": "127.0.0.1", "port": free_port(), "proof": "none-available"}
    tags = [{"name": "M1.DP.C1", "unit": "Pa", "address": 4, "type": "float32", "word_order": "little"}]
    config = {
        "cmo": "cmo-a", "sender": "line-3", "agreements": "agreements", "site": "site.yaml", "journal": "journal.db",
        "key": "line-3.key", "trust": [f"{name}.vkey" for name in trust], "sources": [{**source, "tags": tags}],
        "kafka": {"bootstrap": kafka, "security": "plaintext"},
    }  # fmt: skip
    (folder / "site.yaml").write_text(yaml.safe_dump(SITE, allow_unicode=True))
    (folder / "edge.yaml").write_text(yaml.safe_dump(config))
    return folder / "edge.yaml"


def records(batch: str, product: str, began: int) -> list[Any]:
    """A stay of a minute, the clearance before it, and readings in it: of the room, the corridor and another room."""
    stay = Assignment(
        system="line-3", key=batch, batch=batch, product=product, place_kind=PlaceKind.ROOM, place="M1", line="line-3",
        began=began, ended=began + MINUTE, time=now(),
    )  # fmt: skip
    before = [other for _, other in HOLDERS.values() if other != batch]
    clearance = LineClearance(
        system="mes", key=batch, batch=batch, product=product, room="M1", stage="filling", time=began, line="line-3",
        conclusion=Conclusion.PASS, previous=before[0], items=f"nothing of {before[1]} was left",
    )  # fmt: skip
    tags = TagTable(("M1.DP.C1", "C1.T", "X1.T"), ("Pa",) * 3, rooms=("M1", "C1", "X1"), line="line-3")
    rows = [(at, 1.0 + at, 0, Reason.NONE, began + second) for second in range(50) for at in range(3)]
    text = [(0, f"{batch} runs", 0, Reason.NONE, began + 1), (1, f"{batch} passed", 0, Reason.NONE, began + 1)]
    return [stay, clearance, frame_of("ems", tags, [*rows, *text], received=now())]


async def sent(configuration: AgentConfiguration) -> None:
    """An agent's life: what is of all holders, on the broker."""
    agent = Agent(configuration)
    task = asyncio.create_task(agent.run())
    try:
        await agent.flow.keep()
        began = now() - 60 * MINUTE
        known = enumerate(HOLDERS.values())
        made = [records(batch, product, began + 2 * at * MINUTE) for at, (product, batch) in known]
        await agent.flow.keep(*(stay for stay, *_ in made))
        await agent.flow.keep(*(one for _, *some in made for one in some))
        agent.uplinks.wake()
        async with asyncio.timeout(60):
            await asyncio.gather(*(one.publisher.drained() for one in agent.uplinks.by_recipient.values()))
    finally:
        await stopped(task)


def foreign(holder: str) -> list[str]:
    """What a holder may not hear of: the others, their products and batches, a room of nobody."""
    return [word for other, words in HOLDERS.items() if other != holder for word in (*words, other, "X1.T")]


async def test_no_octet_on_the_brokers_disk_tells_a_holder_of_another(
    private_kafka: PrivateKafka, tmp_path: Path
) -> None:
    """Three holders, one generic name, one room after each other: uncompressed segments are searched as they lie."""
    broker = private_kafka()
    for recipient in HOLDERS:
        for name in topics("cmo-a", recipient):
            await create_topic(broker.bootstrap, name, compression_type="uncompressed")
    configuration = load(configured(tmp_path, broker.bootstrap))
    assert held(configuration) == [f"{holder} v1 with {holder}" for holder in HOLDERS]
    await sent(configuration)
    data = broker.log.parent / "data"
    for holder, own in HOLDERS.items():
        octets = b"".join(file.read_bytes() for file in sorted(data.glob(f"cmo-a.{holder}.*/*.log")))
        assert all(word.encode() in octets for word in (*own, f"{own[1]} runs", f"{own[1]} passed"))
        assert [word for word in foreign(holder) if word.encode() in octets] == []
        assert octets.count(b"M1.DP.C1") == 51
        assert octets.count(b"C1.T") == 3 * 50 + 1


async def test_nothing_that_is_read_with_compression_on_tells_a_holder_of_another(
    private_kafka: PrivateKafka, tmp_path: Path
) -> None:
    """Keys, headers and values of every topic as a consumer gets them; on the disk they cannot be read as they lie."""
    broker = private_kafka()
    await sent(load(configured(tmp_path, broker.bootstrap)))
    for holder, own in HOLDERS.items():
        got = await whole(broker.bootstrap, *topics("cmo-a", holder), *(topic("cmo-a", holder, one) for one in BESIDE))
        octets = b"\0".join(part for one in got for part in (one.key, one.value, *one.headers.values()))
        assert all(word.encode() in octets for word in (*own, f"{own[1]} runs", f"{own[1]} passed"))
        assert [word for word in foreign(holder) if word.encode() in octets] == []
        assert octets.count(b"C1.T") == 3 * 50 + 1
        stream = f"cmo-a.{holder}.measurements.v1-0"
        lying = b"".join(file.read_bytes() for file in (broker.log.parent / "data" / stream).glob("*.log"))
        assert lying.count(b"C1.T") < 3 * 50
