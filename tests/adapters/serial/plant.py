"""Simulated balances of every dialect, and the sources that read them."""

from pathlib import Path
from typing import Any

from adapters.contract import Adapter
from adapters.serial import AND_STANDARD, MT_SICS, OHAUS, RADWAG, SARTORIUS_SBI
from adapters.serial.settings import BalanceSettings
from adapters.serial.source import BalanceSource
from simulators.devices.balance import Balance

ADAPTERS: dict[str, Adapter] = {
    "mt-sics": MT_SICS,
    "sartorius-sbi": SARTORIUS_SBI,
    "and-standard": AND_STANDARD,
    "ohaus": OHAUS,
    "radwag": RADWAG,
}
STREAMS = [dialect for dialect in ADAPTERS if dialect != "sartorius-sbi"]
"""SBI is made to stream at the balance."""
SILENCE = 1.5
PATIENT = 15.0
"""s of silence for tests that are not about it: a busy machine stops for seconds."""
SERIAL_NUMBER = "B935412277"


def balance(link: Path, dialect: str, **more: Any) -> Balance:
    return Balance(link, dialect=dialect, **({"settling": 0.001, "late": 2.0} | more))


def source(port: Path | str, dialect: str, **more: Any) -> BalanceSource:
    settings = ADAPTERS[dialect].settings.model_validate(
        {
            "type": dialect,
            "name": "scale",
            "port": str(port),
            "data_bits": 8,  # a pseudo-terminal knows no parity
            "parity": "none",
            "poll_interval": 0.1,
            "timeout": 1.0,
            "silence": PATIENT,
            "tag": {"name": "W", "unit": "g"},
        }
        | more
    )
    assert isinstance(settings, BalanceSettings)
    return BalanceSource(settings)
