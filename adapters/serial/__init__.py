"""Devices that speak lines of text: balances of five dialects, and sensors by declared pattern; through pyserial."""

from adapters.contract import Adapter
from adapters.serial.ascii_settings import AsciiLineSettings
from adapters.serial.ascii_source import AsciiLineSource
from adapters.serial.settings import AandDSettings, MtSicsSettings, OhausSettings, RadwagSettings, SbiSettings
from adapters.serial.source import BalanceSource

MT_SICS = Adapter(settings=MtSicsSettings, source=BalanceSource)
SARTORIUS_SBI = Adapter(settings=SbiSettings, source=BalanceSource)
AND_STANDARD = Adapter(settings=AandDSettings, source=BalanceSource)
OHAUS = Adapter(settings=OhausSettings, source=BalanceSource)
RADWAG = Adapter(settings=RadwagSettings, source=BalanceSource)
ASCII_LINE = Adapter(settings=AsciiLineSettings, source=AsciiLineSource)
ADAPTER = MT_SICS
