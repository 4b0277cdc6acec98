"""How each kind of device can lie: the names that scenarios use."""

from simulators.devices.faults import FAULTS
from simulators.devices.modbus_lies import LIES


def lies_of(kind: str) -> list[str]:
    """Names for a kind of device, as `plant.yaml` calls it."""
    if kind == "opcua":
        from simulators.devices.opcua_lies import NAMES  # noqa: PLC0415 (asyncua takes a second to load)

        return list(NAMES)
    return list(FAULTS if kind == "balance" else LIES)
