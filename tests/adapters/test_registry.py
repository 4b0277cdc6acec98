from importlib.metadata import EntryPoint, EntryPoints

import pytest

from adapters import registry
from adapters.contract import Adapter


def test_the_adapters_are_found_by_the_names_used_in_a_configuration() -> None:
    """Each is an Adapter."""
    assert set(registry.adapter_names()) >= {"opcua", "modbus", "mt-sics"}
    assert all(isinstance(registry.adapter(name), Adapter) for name in registry.adapter_names())


def test_a_name_that_nobody_registered_is_a_key_error() -> None:
    """The configuration names the known ones."""
    with pytest.raises(KeyError):
        registry.adapter("bacnet")


def test_an_entry_point_that_is_no_adapter_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else a package registers under our group."""
    wrong = EntryPoints([EntryPoint("wrong", "json:dumps", registry.GROUP)])
    monkeypatch.setattr(registry, "entry_points", lambda **_: wrong)
    registry.adapter.cache_clear()
    with pytest.raises(TypeError, match="wrong"):
        registry.adapter("wrong")
    registry.adapter.cache_clear()
