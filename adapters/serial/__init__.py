"""Devices that speak lines of text: balances of five dialects, and sensors by declared pattern; through pyserial."""

from adapters.contract import Adapter
from adapters.serial.ascii_settings import AsciiLineSettings
from adapters.serial.ascii_source import AsciiLineSource
from adapters.serial.settings import AandDSettings, MtSicsSettings, OhausSettings, RadwagSettings, SbiSettings
from adapters.serial.source import BalanceSource
from adapters.serial.tools import TOOLS

MT_SICS = Adapter(settings=MtSicsSettings, source=BalanceSource, tools=TOOLS)
SARTORIUS_SBI = Adapter(settings=SbiSettings, source=BalanceSource, tools=TOOLS)
AND_STANDARD = Adapter(settings=AandDSettings, source=BalanceSource, tools=TOOLS)
OHAUS = Adapter(settings=OhausSettings, source=BalanceSource, tools=TOOLS)
RADWAG = Adapter(settings=RadwagSettings, source=BalanceSource, tools=TOOLS)
ASCII_LINE = Adapter(settings=AsciiLineSettings, source=AsciiLineSource, tools=TOOLS)
ADAPTER = MT_SICS
