import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from edge.settings import load
from tests.bench.compare import agents
from tests.bench.compare.scenarios import SCENARIOS, Scenario, scaling
from tests.bench.compare.server import Place

KAFKA = "127.0.0.1:9092"
PLAIN = [one for one in SCENARIOS if not one.encrypted and one.variables <= 1_000]


def telegraf(scenario: Scenario) -> dict[str, Any]:
    text = agents.telegraf_configuration(scenario, Place(4840, Path("unused")), KAFKA, "t")
    return tomllib.loads(text)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: str(one.name))
def test_telegraf_reads_what_we_read_at_the_same_pace(scenario: Scenario) -> None:
    found = telegraf(scenario)
    pause = f"{scenario.interval * 1000:g}ms"
    assert (found["agent"]["flush_interval"], found["agent"]["interval"]) == (pause, pause)
    (read,) = found["inputs"]["opcua_listener" if scenario.protocol == "opcua" else "modbus"]
    listed = read["group"][0]["nodes"] if scenario.protocol == "opcua" else read["request"][0]["fields"]
    assert [one["name"] for one in listed] == [agents.name(number) for number in range(1, scenario.variables + 1)]
    if scenario.protocol == "opcua":
        assert read["subscription_interval"] == pause
        assert read["security_mode"] == ("SignAndEncrypt" if scenario.encrypted else "None")


@pytest.mark.parametrize("scenario", PLAIN, ids=lambda one: str(one.name))
def test_our_configuration_has_no_fault(scenario: Scenario, tmp_path: Path) -> None:
    """All variables are read, and some dozens have a limit."""
    agent = agents.product(scenario, Place(4840, tmp_path), KAFKA, tmp_path, run="1")
    configuration = load(tmp_path / "edge.yaml")
    tags = [tag for source in configuration.sources for tag in source.settings.all_tags]
    assert len(tags) == scenario.variables
    assert sum(one.limit is not None for one in configuration.site.differentials) == agents.ALARMS
    assert agent.topic == "cmo-bench.holder-1-0.measurements.v1"
    assert agent.command[1:] == ("run", str(tmp_path / "edge.yaml"))


def test_variables_are_shared_out_among_sources(tmp_path: Path) -> None:
    """Each to one of them, also where they do not divide evenly."""
    scenario = Scenario("x", 103, 1, 0.1, sources=10, holders=3)
    agents.product(scenario, Place(4840, tmp_path), KAFKA, tmp_path, run="1")
    configuration = load(tmp_path / "edge.yaml")
    assert len(configuration.sources) == 10
    assert len(configuration.settings.recipients) == 3
    tags = [tag.name for source in configuration.sources for tag in source.settings.all_tags]
    assert sorted(tags) == sorted(agents.name(number) for number in range(1, 104))


def test_names_of_scenarios_are_names_of_files_and_stand_once() -> None:
    names = [one.name for one in (*SCENARIOS, *scaling())]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)
