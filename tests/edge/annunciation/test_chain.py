"""A whole agent that tells people: beacon, mails and webhooks, its own alarm where they fail, and the chain test."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge.annunciation.calling import Mark
from edge.annunciation.memory import Memory
from simulators.devices.transmitter import ModbusTransmitter
from simulators.ports import free_port
from tests.edge.annunciation.parts import coils, hook_server, mail_server
from tests.edge.running import asked, command, running
from tests.edge.test_agent import agent
from tests.support.eventually import eventually
from tests.support.kafka import PrivateKafka

QA = "qa@p.example"
GOOD = {"differential": 14.0, "temperature": 20.0, "humidity": 45.0}


def configured(folder: Path, device: str, annunciation: dict[str, Any], kafka_port: int = 0) -> Path:
    """The agent of one transmitter that is told this besides."""
    agent(folder, device, kafka_port or free_port()).journal.close()
    config = yaml.safe_load((folder / "edge.yaml").read_text())
    (folder / "edge.yaml").write_text(yaml.safe_dump(config | {"annunciation": annunciation}))
    return folder / "edge.yaml"


def told(coil: int, mail: int, hook: int) -> dict[str, Any]:
    return {
        "language": "zh",
        "beacon": {"type": "modbus", "host": "127.0.0.1", "port": coil, "coil": 3, "timeout": 10},
        "mail": {"host": "127.0.0.1", "port": mail, "tls": "none", "from": "a@p.example", "recipients": [QA]},
        "webhooks": [{"name": "pager", "url": f"http://127.0.0.1:{hook}/"}],
        "escalation": [{"after": 0, "to": ["mail"]}, {"after": 0.02, "to": ["pager", "head@p.example"]}],
    }  # fmt: skip


async def test_an_alarm_lights_the_beacon_and_calls_people_until_it_is_acknowledged(tmp_path: Path) -> None:
    """At once, then a step later; in Chinese; once, also over a restart; acknowledged, the beacon goes out."""
    device = ModbusTransmitter()
    await device.start()
    await device.update(GOOD)
    try:
        with mail_server() as (box, mail), hook_server() as (hook, port):
            async with coils() as (beacon, coil):
                config = configured(tmp_path, device.address, told(coil, mail, port))
                async with running(config):
                    await eventually(lambda: beacon.on == {3: False}, within=60)
                    await device.update(GOOD | {"differential": 3.0})
                    await eventually(lambda: beacon.on == {3: True}, within=60)
                    await eventually(lambda: len(box.mails) == 2 and hook.posts, within=60)
                    await eventually(lambda: len(told_in(tmp_path)) == 3, within=60)
                first, second = box.mails
                assert (first["To"], second["To"]) == (QA, "head@p.example")
                assert "M1 → C1 低于纠偏限度" in str(first["Subject"])
                ((_, _, event),) = hook.posts
                assert (event["specversion"], event["subject"]) == ("1.0", "M1.DP.C1.LOW")
                assert event["data"]["alarms"][0]["state"] == "UNACKNOWLEDGED"
                async with running(config):
                    beacon.on.clear()
                    await eventually(lambda: beacon.on == {3: True}, within=60, what="the state to be written again")
                    await asked(config, "acknowledge", condition="M1.DP.C1.LOW", actor="op", comment="door")
                    await eventually(lambda: beacon.on == {3: False}, within=60)
                    await eventually(lambda: told_in(tmp_path) == [], within=60)
                assert (len(box.mails), len(hook.posts)) == (2, 1)
    finally:
        await device.stop()


def told_in(folder: Path) -> list[Mark]:
    return Memory(folder / "journal.db.told").told()


async def test_a_chain_that_is_broken_is_an_alarm_and_a_failed_test(tmp_path: Path) -> None:
    """A mail server that is away: the agent's own alarm, until mail gets out; `test-alarms` names what fails."""
    device, away = ModbusTransmitter(), free_port()
    await device.start()
    await device.update(GOOD)
    try:
        with hook_server() as (hook, port):
            async with coils() as (beacon, coil), running(configured(tmp_path, device.address, told(coil, away, port))):
                config = tmp_path / "edge.yaml"
                tried = await command(config, "test-alarms")
                lines = {line.split()[0]: line for line in tried.stdout.splitlines()}
                assert [lines[name].split()[1] for name in ("beacon", "mail", "pager", "Kafka")] == ["✓", "✗", "✓", "✗"]
                assert (tried.returncode, f"127.0.0.1:{away}" in lines["mail"]) == (1, True)
                assert (3, True) in beacon.writes
                (alarm,) = await eventually(lambda: asked(config, "alarms"), within=60)
                assert alarm["condition"] == "line-3.AnnunciationFailed.HIGH"
                await eventually(lambda: beacon.on == {3: True}, within=60, what="the beacon to say so")
                status = await command(config, "status")
                assert f"annunciation: mail: mail server 127.0.0.1:{away}" in status.stdout
                assert "chain test: beacon ✓ mail ✗ pager ✓ Kafka ✗" in status.stdout
                assert hook.posts[0][2]["data"]["test"] is True
                with mail_server(port=away) as (box, _):
                    await eventually(lambda: box.mails, within=60, what="the mail that waited")
                    await eventually(lambda: returned(config), within=60, what="the alarm to return")
    finally:
        await device.stop()


async def returned(config: Path) -> bool:
    return [one["state"] for one in await asked(config, "alarms")] == ["RETURNED_UNACKNOWLEDGED"]


@pytest.mark.kafka
async def test_with_kafka_there_every_part_passes(private_kafka: PrivateKafka, tmp_path: Path) -> None:
    """Exit code 0, a line for each part; the marked record stands in the journal as published."""
    device, kafka = ModbusTransmitter(), (await asyncio.to_thread(private_kafka)).bootstrap
    await device.start()
    await device.update(GOOD)
    try:
        with mail_server() as (_, mail), hook_server() as (_, port):
            async with coils() as (_, coil):
                told_all = told(coil, mail, port)
                config = configured(tmp_path, device.address, told_all, int(kafka.rpartition(":")[2]))
                async with running(config) as there:
                    await eventually(lambda: there.uplinks.by_recipient["holder-b"].publisher.connected, within=60)
                    tried = await command(config, "test-alarms")
                    assert tried.returncode == 0, tried.stdout + tried.stderr
                    assert [line.split()[1] for line in tried.stdout.splitlines()] == ["✓"] * 4
    finally:
        await device.stop()
