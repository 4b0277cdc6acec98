"""Modbus TCP, RTU and ASCII by poll (MODBUS Application Protocol 1.1b3)."""

from adapters.contract import Adapter
from adapters.modbus.probing import TOOLS
from adapters.modbus.settings import ModbusSettings
from adapters.modbus.source import ModbusSource

ADAPTER = Adapter(settings=ModbusSettings, source=ModbusSource, tools=TOOLS)
