"""OPC UA by subscription (OPC 10000-4), through asyncua."""

from adapters.contract import Adapter
from adapters.opcua.settings import OpcUaSettings
from adapters.opcua.source import OpcUaSource
from adapters.opcua.tools import TOOLS

ADAPTER = Adapter(settings=OpcUaSettings, source=OpcUaSource, tools=TOOLS)
