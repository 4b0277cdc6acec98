"""The README shows every way in with all of its settings."""

from pathlib import Path

import pytest

from adapters.contract import Source
from adapters.registry import adapter
from tests.adapters.exports import samples


@pytest.mark.parametrize("type_", samples.TEXTS)
def test_the_sample_of_a_way_in_shows_every_setting(type_: str, tmp_path: Path) -> None:
    """It is valid, and makes a source."""
    chosen = adapter(type_)
    settings = chosen.settings.model_validate(samples.given(type_, tmp_path), context={"folder": tmp_path})
    source: Source = chosen.source(settings)
    assert source.tags.names == tuple(tag.name for tag in settings.all_tags)
    assert samples.settings_in(type_) == set(chosen.settings.model_fields)
    assert chosen.waits
