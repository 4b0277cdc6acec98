"""What the server says of a variable: its engineering unit and range (OPC 10000-8, AnalogItemType).

The unit is compared with the configuration and never converted by guess: a tag whose server gives another unit has no
value until one of the two is corrected (F-A3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from adapters.opcua.limits import Limits, parts

_TABLE = """
PAL Pa  HPA hPa  KPA kPa  MPA MPa  MBR mbar  BAR bar  A97 hPa  PS [psi]  CEL Cel  FAH [degF]  KEL K  P1 %  C62 1
59 [ppm]  61 [ppb]  GRM g  KGM kg  MGM mg  MC ug  TNE t  MTR m  MMT mm  CMT cm  4H um  MLT mL  LTR L  MTQ m3  L2 L/min
MQH m3/h  MQS m3/s  E32 L/h  G51 L/s  SEC s  MIN min  HUR h  DAY d  C26 ms  C94 /min  RPM /min  HTZ Hz  MTS m/s
2X m/min  VLT V  2Z mV  AMP A  4K mA  WTT W  KWT kW  OHM Ohm  D10 S/m  G42 uS/cm  H61 mS/cm  NEW N  NU N.m  LUX lx
M1 mg/L  GL g/L  H29 ug/L  2N dB
"""
_WORDS = _TABLE.split()
UCUM: Mapping[str, str] = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
"""UN/ECE Recommendation 20 common code to UCUM; OPC UA packs a code's characters into UnitId (OPC 10000-8, 5.6.4.3)."""


@dataclass(frozen=True, slots=True)
class Described:
    """One variable. `unit` is UCUM, or the server's own text where the code is not known; None where it says none."""

    unit: str | None = None
    known: bool = False
    low: float | None = None
    high: float | None = None

    def contradicts(self, unit: str) -> bool:
        """Whether the server says clearly that the value is in another unit."""
        return self.known and self.unit != unit


def unit_of(information: ua.EUInformation) -> tuple[str | None, bool]:
    """The unit, and whether it is a UCUM code."""
    number = int(information.UnitId)
    code = number.to_bytes(4, "big", signed=True).lstrip(b"\0").decode("ascii", errors="replace")
    known = UCUM.get(code)
    shown = information.DisplayName.Text if information.DisplayName else None
    return (known, True) if known else (str(shown) if shown else None, False)


async def describe(client: Client, nodes: Mapping[int, ua.NodeId], limits: Limits) -> dict[int, Described]:
    """Unit and range of each node, by its key; nodes that say nothing are left out. Raises UaError, OSError."""
    wanted = [(key, name) for key in nodes for name in ("EngineeringUnits", "EURange")]
    found: list[tuple[int, ua.NodeId]] = []
    for part in parts(wanted, limits.translate):
        paths = [_property(nodes[key], name) for key, name in part]
        results = await client.uaclient.translate_browsepaths_to_nodeids(paths)
        for (key, _), result in zip(part, results, strict=True):
            if result.StatusCode.is_good() and result.Targets:
                found.append((key, result.Targets[0].TargetId))
    described: dict[int, Described] = {}
    for some in parts(found, limits.read):
        answers = await client.uaclient.read_attributes([node for _, node in some], AttributeIds.Value)
        for (key, _), answer in zip(some, answers, strict=True):
            described[key] = _with(described.get(key, Described()), answer)
    return described


def contradictions(described: Mapping[int, Described], units: Sequence[str]) -> dict[int, Described]:
    """Those that are in another unit than the configuration says, by key (the index into `units`)."""
    return {key: one for key, one in described.items() if one.contradicts(units[key])}


def _with(known: Described, answer: ua.DataValue) -> Described:
    good = answer.StatusCode is None or answer.StatusCode.is_good()
    value = answer.Value.Value if good and answer.Value is not None else None
    match value:
        case ua.EUInformation():
            unit, certain = unit_of(value)
            return Described(unit, certain, known.low, known.high)
        case ua.Range():
            return Described(known.unit, known.known, float(value.Low), float(value.High))
        case _:
            return known


def _property(node: ua.NodeId, name: str) -> ua.BrowsePath:
    element = ua.RelativePathElement(
        ReferenceTypeId=ua.NodeId(ua.Int32(ObjectIds.HasProperty)),
        IsInverse=cast("ua.Boolean", False),  # the library takes any bool
        IncludeSubtypes=cast("ua.Boolean", True),
        TargetName=ua.QualifiedName(ua.String(name), ua.UInt16(0)),
    )
    return ua.BrowsePath(StartingNode=node, RelativePath=ua.RelativePath(Elements=[element]))
