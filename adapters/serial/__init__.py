"""Balances on a serial line: Mettler-Toledo MT-SICS by poll, through pyserial."""

from adapters.contract import Adapter
from adapters.serial.settings import MtSicsSettings
from adapters.serial.source import MtSicsSource

ADAPTER = Adapter(settings=MtSicsSettings, source=MtSicsSource)
