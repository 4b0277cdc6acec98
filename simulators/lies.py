"""How each device can lie: the names that scenarios and the control use, and what each does."""

from collections.abc import Mapping

from simulators.devices import modbus_lies as modbus
from simulators.devices.faults import FAULTS
from simulators.plant import AnyDevice, Balance, OpcUa, Transmitter


def lies_of(device: AnyDevice) -> Mapping[str, str]:
    """What each of its lies does, by name; the text ends with the behaviours (F01 to F50) that it shows."""
    if isinstance(device, OpcUa):
        from simulators.devices.opcua_lies import LIES  # noqa: PLC0415 (asyncua takes a second to load)

        impossible = {name for name, there in (("F08", device.history), ("F10", device.secure)) if not there}
        impossible |= set() if device.alarm_below is not None else {"F09"}
        return _without(LIES, impossible)
    if isinstance(device, Balance):
        return FAULTS
    foreign = modbus.OF_A_COUNTER if isinstance(device, Transmitter) else modbus.OF_A_TRANSMITTER
    return _without(modbus.LIES, foreign | (frozenset() if device.framing == "tcp" else modbus.TCP_ONLY))


def _without(lies: Mapping[str, str], impossible: set[str] | frozenset[str]) -> Mapping[str, str]:
    return {name: text for name, text in lies.items() if name not in impossible}
