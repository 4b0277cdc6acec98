import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.contract import Source
from adapters.serial import ASCII_LINE
from tests.adapters.serial.plant import ADAPTERS

README = Path(__file__).parents[3] / "adapters" / "serial" / "README.md"
ALL = ADAPTERS | {"ascii-line": ASCII_LINE}
BLOCKS: list[dict[str, Any]] = [
    yaml.safe_load(block)
    for block in re.findall(r"^```yaml\n(.*?)^```$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
]
SAMPLES = [block for block in BLOCKS if "type" in block]
(TRIGGERED,) = [block for block in BLOCKS if "sources" in block]
"""A balance that another source asks; the agent's tests run it."""


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample["type"]))
def test_every_sample_makes_a_source(sample: dict[str, Any]) -> None:
    """Tags in the unit the device gives them in."""
    chosen = ALL[sample["type"]]
    settings = chosen.settings.model_validate(sample)
    source: Source = chosen.source(settings)
    assert source.tags.names == tuple(tag.name for tag in settings.all_tags)


def test_there_is_a_sample_for_every_type_and_every_setting_is_shown() -> None:
    """What balances have in common stands in the first sample; the others show what they have besides."""
    assert {sample["type"] for sample in SAMPLES} == set(ALL)
    common = set(ADAPTERS["mt-sics"].settings.model_fields)
    for sample in SAMPLES:
        of_its_own = set(ALL[sample["type"]].settings.model_fields)
        if sample["type"] in {"mt-sics", "ascii-line"}:
            assert set(sample) == of_its_own
        else:
            assert set(sample) >= of_its_own - common
