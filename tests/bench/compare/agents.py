"""The two agents: their configurations, written for a scenario, and the commands that run them."""

import csv
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gateway.proof import keys
from tests.bench.compare.scenarios import Scenario
from tests.bench.compare.server import Place

CMO, SENDER = "cmo-bench", "line-b"
ALARMS = 48
"""Tags with a limit: of a line with its rooms."""
SCALE = 0.01
ZSTD = 4
"""Sarama's number of the codec (Kafka protocol, compression types)."""
PROFILER = Path(__file__).with_name("profiled.py")


@dataclass(frozen=True, slots=True)
class Agent:
    """What to start, and the topic in which its samples arrive."""

    command: tuple[str, ...]
    topic: str


def product(
    scenario: Scenario, server: Place, bootstrap: str, folder: Path, *, run: str, profile: Path | None = None
) -> Agent:
    """Ours, with keys, site, alarms, journal. `run` makes its streams unique on the broker."""
    holders = [f"holder-{run}-{number}" for number in range(scenario.holders)]
    key = keys.generate(CMO, keys.Role.SENDER, SENDER)
    keys.save(key, folder / "agent.key")
    for holder in holders:
        keys.save_public(keys.generate(holder, keys.Role.NODE, holder), folder / f"{holder}.vkey")
    settings = {
        "cmo": CMO, "sender": SENDER, "recipients": holders, "site": "site.yaml",
        "kafka": {"bootstrap": bootstrap, "security": "plaintext"}, "journal": "journal.db", "journal_mib": 65_536,
        "key": "agent.key", "trust": [f"{holder}.vkey" for holder in holders],
        "sources": list(_sources(scenario, server, folder)), **scenario.agent,
    }  # fmt: skip
    (folder / "site.yaml").write_text(yaml.safe_dump(site(min(ALARMS, scenario.variables))))
    file = folder / "edge.yaml"
    file.write_text(yaml.safe_dump(settings))
    program = str(Path(sys.executable).with_name("cmo-edge"))
    if scenario.encrypted:
        subprocess.run([program, "certificate", str(file), "load-0"], check=True, capture_output=True)
    before = () if profile is None else (sys.executable, str(PROFILER), str(profile))
    return Agent((*before, program, "run", str(file)), f"{CMO}.{holders[0]}.measurements.v1")


def site(alarms: int) -> dict[str, Any]:
    """Rooms and that many limits, each far from the values: engine and on-delays work, nothing is told."""
    rooms = [
        {"id": room, "name": {"en": room, "zh": room}, "grade": "C", "at": [at, 0, 2, 2]}
        for at, room in ((0, "R1"), (3, "R2"))
    ]
    limits = [
        {"tag": name(number), "room": "R1", "against": "R2", "limit": {"low": 1, "on_delay": 2}}
        for number in range(1, alarms + 1)
    ]
    return {
        "site": "plant-b", "name": {"en": "Plant B", "zh": "乙工厂"}, "line": "line-b", "zone": "Etc/UTC",
        "rooms": rooms, "differentials": limits,
    }  # fmt: skip


def name(number: int) -> str:
    """Of a variable or register, from 1."""
    return f"V{number}"


def _sources(scenario: Scenario, server: Place, folder: Path) -> Iterator[dict[str, Any]]:
    share = -(-scenario.variables // scenario.sources)
    for at in range(scenario.sources):
        numbers = range(1 + at * share, 1 + min(scenario.variables, (at + 1) * share))
        file = folder / f"tags-{at}.csv"
        with file.open("w", newline="") as out:
            csv.writer(out).writerows(_opcua_rows(numbers) if scenario.protocol == "opcua" else _modbus_rows(numbers))
        wiring = _opcua(scenario, server) if scenario.protocol == "opcua" else _modbus(scenario, server)
        yield {"name": f"load-{at}", "tags_file": file.name, **wiring, **scenario.source}


def _opcua_rows(numbers: Sequence[int]) -> Iterator[Sequence[Any]]:
    yield "name", "node", "unit", "range"
    for number in numbers:
        yield name(number), f"ns=2;i={number}", "Pa", "-500..500"


def _modbus_rows(numbers: Sequence[int]) -> Iterator[Sequence[Any]]:
    yield "name", "address", "type", "scale", "unit", "range"
    for number in numbers:
        yield name(number), number - 1, "int16", SCALE, "Pa", "-500..500"


def _opcua(scenario: Scenario, server: Place) -> dict[str, Any]:
    security: Any = "none"
    if scenario.encrypted:
        security = {
            "policy": "Basic256Sha256", "mode": "sign-and-encrypt", "certificate": "opcua.der",
            "private_key": "opcua.pem", "fingerprint": hashlib.sha256(server.certificate.read_bytes()).hexdigest(),
        }  # fmt: skip
    return {
        "type": "opcua", "endpoint": server.endpoint, "security": security, "timeout": 60, "silence": 10,
        "publishing_interval": scenario.interval, "sampling_interval": 0, "queue": 10,
    }  # fmt: skip


def _modbus(scenario: Scenario, server: Place) -> dict[str, Any]:
    return {
        "type": "modbus", "host": "127.0.0.1", "port": server.port, "unit": 1, "poll_interval": scenario.interval,
        "timeout": 5, "silence": 10, "proof": "none-available",
    }  # fmt: skip


def telegraf(program: Path, scenario: Scenario, server: Place, bootstrap: str, folder: Path, *, run: str) -> Agent:
    """Telegraf on the same load."""
    topic = f"telegraf-{run}"
    (folder / "telegraf.conf").write_text(telegraf_configuration(scenario, server, bootstrap, topic))
    return Agent((str(program), "--config", str(folder / "telegraf.conf")), topic)


def telegraf_configuration(scenario: Scenario, server: Place, bootstrap: str, topic: str) -> str:
    """As TOML, whose strings and arrays of strings are JSON's."""
    pause = f"{scenario.interval * 1000:g}ms"
    agent = {
        "interval": pause, "flush_interval": pause, "flush_jitter": "0s", "metric_batch_size": scenario.batch,
        "metric_buffer_limit": 1_000_000, "omit_hostname": True, "quiet": True,
    }  # fmt: skip
    kafka = {
        "brokers": [bootstrap],
        "topic": topic,
        "compression_codec": ZSTD if scenario.zstd else 0,
        "data_format": "influx",
    }
    inputs = _telegraf_opcua(scenario, server) if scenario.protocol == "opcua" else _telegraf_modbus(scenario, server)
    return "\n".join(["[agent]", *_toml(agent), "[[outputs.kafka]]", *_toml(kafka), *inputs, ""])


def _telegraf_opcua(scenario: Scenario, server: Place) -> Iterator[str]:
    yield "[[inputs.opcua_listener]]"
    yield from _toml(
        {
            "endpoint": server.endpoint, "subscription_interval": f"{scenario.interval * 1000:g}ms",
            "security_policy": "Basic256Sha256" if scenario.encrypted else "None",
            "security_mode": "SignAndEncrypt" if scenario.encrypted else "None",
            "timestamp": "source", "connect_timeout": "60s", "request_timeout": "60s",
        }
    )  # fmt: skip
    yield "[[inputs.opcua_listener.group]]"
    yield from _toml({"name": "load", "namespace": "2", "identifier_type": "i", "sampling_interval": "0s"})
    yield "nodes = ["
    for number in range(1, scenario.variables + 1):
        yield f'  {{name="{name(number)}", identifier="{number}"}},'
    yield "]"


def _telegraf_modbus(scenario: Scenario, server: Place) -> Iterator[str]:
    yield "[[inputs.modbus]]"
    yield from _toml({
        "name": "load", "controller": f"tcp://127.0.0.1:{server.port}", "configuration_type": "request",
    })  # fmt: skip
    yield "[[inputs.modbus.request]]"
    yield from _toml({"slave_id": 1, "byte_order": "ABCD", "register": "holding", "optimization": "shrink"})
    yield "fields = ["
    for number in range(1, scenario.variables + 1):
        yield f'  {{address={number - 1}, name="{name(number)}", type="INT16", scale={SCALE}}},'
    yield "]"


def _toml(settings: dict[str, Any]) -> Iterator[str]:
    return (f"{key} = {json.dumps(value)}" for key, value in settings.items())
