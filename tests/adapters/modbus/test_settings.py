from typing import Any

import pytest
from pydantic import ValidationError

from adapters.modbus.places import Constant, ModbusTag, StatusRegister
from adapters.modbus.settings import ModbusSettings

TAG = {"name": "DP", "address": 0, "type": "int16"}
SOURCE = {"type": "modbus", "name": "dp", "host": "127.0.0.1", "tags": [TAG]}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"table": "coil"}, "holds a bool"),
        ({"type": "bool"}, "`bit` belongs"),
        ({"bit": 3}, "`bit` belongs"),
        ({"table": "coil", "type": "bool", "bit": 1}, "`bit` belongs"),
        ({"address": 65535, "type": "float32"}, "beyond the last address"),
        ({"no_value": [70000]}, "does not fit"),
        ({"no_value": [float("nan")]}, "does not fit"),
        ({"no_value": [float("inf")]}, "does not fit"),
        ({"type": "float32", "no_value": [1e300]}, "does not fit"),
        ({"adress": 3}, "adress"),
    ],
)
def test_a_tag_that_cannot_be_is_refused(change: dict[str, Any], what: str) -> None:
    """Said before anything is read."""
    with pytest.raises(ValidationError, match=what):
        ModbusTag.model_validate(TAG | change)


@pytest.mark.parametrize("rule", [{}, {"good": [0], "bad_bits": 1}])
def test_a_status_register_says_exactly_one_thing(rule: dict[str, Any]) -> None:
    """Either contents that are good or bits that are bad."""
    with pytest.raises(ValidationError, match="either `good`, `bad_bits` or"):
        StatusRegister.model_validate({"address": 1, **rule})


@pytest.mark.parametrize(
    "constant",
    [{"type": "float32", "value": 0}, {"type": "uint32", "value": 0x00050005}, {"type": "int32", "value": -1}],
)
def test_a_constant_that_reads_the_same_in_both_orders_proves_nothing(constant: dict[str, Any]) -> None:
    """Zero in zero registers is no proof (F25)."""
    with pytest.raises(ValidationError, match="proves nothing"):
        Constant.model_validate({"address": 0, **constant})


def test_a_silence_shorter_than_two_polls_is_refused() -> None:
    """Or every pause between two scans would be a loss."""
    with pytest.raises(ValidationError, match="at least twice poll_interval"):
        ModbusSettings.model_validate(SOURCE | {"poll_interval": 1.5})
