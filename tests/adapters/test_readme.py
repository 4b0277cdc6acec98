import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from adapters.contract import Source, SourceSettings
from adapters.registry import adapter, adapter_names

FOLDER = Path(__file__).parents[2] / "adapters"
READMES = sorted(path for path in FOLDER.glob("*/README.md"))


def sample(readme: Path) -> dict[str, Any]:
    """The first YAML block of a README."""
    block, *_ = re.findall(r"^```yaml\n(.*?)^```$", readme.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    loaded: dict[str, Any] = yaml.safe_load(block)
    return loaded


def models(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    """The model and all models of its fields."""
    if model in seen:
        return
    seen.add(model)
    yield model
    for field in model.model_fields.values():
        for found in re.findall(r"(?<=adapters\.)[\w.]+", repr(field.annotation)):
            module, _, name = f"adapters.{found}".rpartition(".")
            yield from models(getattr(__import__(module, fromlist=[name]), name), seen)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_the_sample_configuration_of_a_readme_makes_a_source(readme: Path) -> None:
    """It is valid, and shows every setting of the source that has to do with the device."""
    given = sample(readme)
    chosen = adapter(given["type"])
    settings = chosen.settings.model_validate(given)
    source: Source = chosen.source(settings)
    assert source.tags.names == tuple(tag.name for tag in settings.all_tags)
    assert set(chosen.settings.model_fields) == set(given)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_tags_are_in_the_unit_the_device_gives_them_in(readme: Path) -> None:
    """`device_unit` where it is set, else `unit`: conversion comes later."""
    given = sample(readme)
    chosen = adapter(given["type"])
    settings = chosen.settings.model_validate(given)
    units = tuple(tag.device_unit or tag.unit for tag in settings.all_tags)
    assert chosen.source(settings).tags.units == units


@pytest.mark.parametrize("name", adapter_names())
def test_every_setting_is_described_where_it_stands(name: str) -> None:
    """Reference and messages are made from it."""
    for model in models(adapter(name).settings, {SourceSettings}):
        for field, info in model.model_fields.items():
            inherited = field in SourceSettings.model_fields
            assert inherited or info.description, f"{model.__name__}.{field} has no description"


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_fa7_settings_tell_how_far_apart_the_looks_at_a_value_are(readme: Path) -> None:
    """As the sample sets it: a poll of ours, or the sampling of a server; nothing for what sends by itself."""
    given = sample(readme)
    told = adapter(given["type"]).settings.model_validate(given).look_interval
    assert told == given.get("sampling_interval", given.get("poll_interval") if given.get("mode") != "stream" else None)
