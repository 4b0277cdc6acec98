"""Which adapters there are: each is a folder, and one line under `cmo_gateway.adapters` in a package's entry points."""

from functools import cache
from importlib.metadata import entry_points

from adapters.contract import Adapter

GROUP = "cmo_gateway.adapters"


@cache
def adapter_names() -> tuple[str, ...]:
    """The names usable as `type:` of a source."""
    return tuple(sorted(entry_points(group=GROUP).names))


@cache
def adapter(name: str) -> Adapter:
    """The adapter of that name. Raises KeyError when there is none; imports only the one that is asked for."""
    loaded = entry_points(group=GROUP)[name].load()
    if not isinstance(loaded, Adapter):
        raise TypeError(f"entry point {name!r} of {GROUP} is not an Adapter")
    return loaded
