"""What the README says is what the program does."""

import re
from pathlib import Path
from typing import Any

from simulators.plant import load_plant
from simulators.scenario import Scenario, load_scenario
from simulators.tags import plant_tags

README = Path("simulators/README.md").read_text(encoding="utf-8")
LINE_3 = load_plant(Path("simulators/line-3"))


def actions() -> dict[str, set[str]]:
    """Every `do` with the keys it takes, from the model itself."""
    definitions: dict[str, Any] = Scenario.model_json_schema()["$defs"]
    found: dict[str, set[str]] = {}
    for definition in definitions.values():
        do = definition["properties"].get("do", {})
        for name in do.get("enum", [do["const"]] if "const" in do else []):
            found[name] = set(definition["properties"]) - {"at", "do"}
    return found


def test_the_scenario_in_the_readme_fits_the_plant(tmp_path: Path) -> None:
    """Who copies it has a scenario that runs."""
    (text,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_scenario(path, LINE_3).ends_at == 75


def test_every_action_and_its_arguments_are_in_the_table() -> None:
    """A new action needs a line; a line needs its action."""
    (table,) = re.findall(r"\| do \| with \|\n\|---\|---\|\n(.*?)\n\n", README, re.DOTALL)
    rows = [row.split("|")[1:3] for row in table.splitlines()]
    listed = {name for names, _ in rows for name in re.findall(r"`(\w+)`", names)}
    assert listed == set(actions())
    for names, arguments in rows:
        for name in re.findall(r"`(\w+)`", names):
            assert actions()[name] <= set(re.findall(r"`(\w+)`", arguments))


def test_every_kind_of_tag_is_named() -> None:
    """The last part of each tag of line 3 stands in the README."""
    assert {
        tag.point.split(".")[-1] for tag in plant_tags(LINE_3) if ".DP." not in tag.point and "Door." not in tag.point
    } <= set(re.findall(r"\w+", README))
