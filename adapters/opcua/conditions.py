"""The server's own alarms, as records (OPC 10000-9).

One monitored item for events with a fixed list of fields. After each connecting, and whenever the server asks for it,
ConditionRefresh makes the server say again what it retains; what it no longer speaks of is said to be unknown (F09).
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

import structlog
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.uaerrors import UaError

from adapters.contract import now
from adapters.opcua.values import micros
from schemas.records import Condition, ConditionReport

_log = structlog.get_logger(__name__)

QUEUE = 1000
"""Events that the server keeps between two notifications."""
_EVENT, _CONDITION = ObjectIds.BaseEventType, ObjectIds.ConditionType
_ACKNOWLEDGEABLE, _ALARM = ObjectIds.AcknowledgeableConditionType, ObjectIds.AlarmConditionType
FIELDS = (
    ("EventId", _EVENT),
    ("EventType", _EVENT),
    ("SourceName", _EVENT),
    ("Time", _EVENT),
    ("Message", _EVENT),
    ("Severity", _EVENT),
    ("", _CONDITION),  # the condition's node id itself (OPC 10000-9, 5.5.2.13)
    ("BranchId", _CONDITION),
    ("ConditionName", _CONDITION),
    ("Retain", _CONDITION),
    ("Comment", _CONDITION),
    ("AckedState/Id", _ACKNOWLEDGEABLE),
    ("ActiveState/Id", _ALARM),
)
"""What is asked of each event: path of the field, and the type that defines it."""
_START, _END, _REQUIRED = (
    ua.NodeId(ua.Int32(number))
    for number in (ObjectIds.RefreshStartEventType, ObjectIds.RefreshEndEventType, ObjectIds.RefreshRequiredEventType)
)
Key = tuple[str, str | None]
"""ConditionId and BranchId."""


def event_filter() -> ua.EventFilter:
    """Asks for FIELDS of every event; there is no condition on them, because servers let refresh marks fall too."""
    return ua.EventFilter(SelectClauses=[_clause(path, number) for path, number in FIELDS])


def _clause(path: str, number: int) -> ua.SimpleAttributeOperand:
    names = [ua.QualifiedName(ua.String(name), ua.UInt16(0)) for name in path.split("/") if name]
    attribute = AttributeIds.Value if names else AttributeIds.NodeId
    return ua.SimpleAttributeOperand(
        TypeDefinitionId=ua.NodeId(ua.Int32(number)), BrowsePath=names, AttributeId=cast("ua.IntegerId", attribute)
    )


class Conditions:
    """What is known of a server's conditions through all its connections. `wanted` is set when a refresh is needed.

    A condition of a lower severity than `min_severity` is not told; one that was told stays told until it is over.
    """

    def __init__(self, source: str, min_severity: int) -> None:
        self._source = source
        self._min_severity = min_severity
        self._known: dict[Key, Condition] = {}
        self._unheard: set[Key] | None = None
        self.wanted = asyncio.Event()

    def take(self, fields: Sequence[ua.Variant]) -> list[Condition]:
        """What one event says; an event without the fields that were asked for is of no use, and values go on."""
        if len(fields) != len(FIELDS):
            _log.warning("event not usable", source=self._source, fields=len(fields), asked=len(FIELDS))
            return []
        said = {path: field.Value for (path, _), field in zip(FIELDS, fields, strict=True)}
        match said["EventType"]:
            case kind if kind == _START:
                self._unheard = set(self._known)
            case kind if kind == _END:
                return self.forget_unheard()
            case kind if kind == _REQUIRED:
                self.wanted.set()
            case _ if isinstance(said[""], ua.NodeId) and not _is_null(said[""]):
                return self._follow(_condition(self._source, said, refreshed=self._unheard is not None))
        return []

    def refresh_begins(self) -> None:
        """A refresh is asked for: whatever is not heard of from now on is unknown at its end."""
        self._unheard = set(self._known)

    def forget_unheard(self) -> list[Condition]:
        """The refresh is over, or impossible. What was not heard of in it is unknown from now on."""
        unheard, self._unheard = self._unheard or set(), None
        moment = now()
        return [_unknown(self._known.pop(key), moment) for key in sorted(unheard, key=str) if key in self._known]

    def _follow(self, condition: Condition) -> list[Condition]:
        key = (condition.condition, condition.branch)
        if self._unheard is not None:
            self._unheard.discard(key)
        if key not in self._known and (condition.severity or 0) < self._min_severity:
            return []
        if condition.retain:
            self._known[key] = condition
        else:
            self._known.pop(key, None)
        return [condition]

    async def keep_fresh(self, client: Client, subscription: int, tell: Callable[[Sequence[Condition]], None]) -> None:
        """Ask for a refresh now, and whenever the server wants it, until cancelled."""
        self.wanted.set()
        while True:
            await self.wanted.wait()
            self.wanted.clear()
            self.refresh_begins()
            if not await self._refresh(client, subscription):
                tell(self.forget_unheard())

    async def _refresh(self, client: Client, subscription: int) -> bool:
        request = ua.CallMethodRequest(
            ObjectId=ua.NodeId(ua.Int32(ObjectIds.ConditionType)),
            MethodId=ua.NodeId(ua.Int32(ObjectIds.ConditionType_ConditionRefresh)),
            InputArguments=[ua.Variant(subscription, ua.VariantType.UInt32)],
        )
        status = "no answer"
        with suppress(UaError, OSError, TimeoutError):
            (result,) = await client.uaclient.call([request])
            if result.StatusCode.is_good():
                return True
            status = result.StatusCode.name
        _log.warning("conditions not refreshed", source=self._source, status=status)
        return False


def _condition(source: str, said: dict[str, Any], *, refreshed: bool) -> Condition:
    branch, kind, event = said["BranchId"], said["EventType"], said["EventId"]
    return Condition(
        source=source,
        report=ConditionReport.REFRESHED if refreshed else ConditionReport.TOLD,
        condition=said[""].to_string(),
        branch=branch.to_string() if isinstance(branch, ua.NodeId) and not _is_null(branch) else None,
        name=_text(said["ConditionName"]),
        origin=_text(said["SourceName"]),
        event_type=kind.to_string() if isinstance(kind, ua.NodeId) else None,
        event=event if isinstance(event, bytes) else b"",
        time=micros(said["Time"]) if isinstance(said["Time"], datetime) else None,
        received=now(),
        severity=_severity(said["Severity"]),
        message=_text(said["Message"]),
        active=_state(said["ActiveState/Id"]),
        acknowledged=_state(said["AckedState/Id"]),
        retain=bool(said["Retain"]),
        comment=_text(said["Comment"]),
    )


def _unknown(last: Condition, moment: int) -> Condition:
    return replace(
        last, id=uuid4(), report=ConditionReport.UNKNOWN, received=moment, active=None, acknowledged=None, retain=False
    )


def _is_null(node: ua.NodeId) -> bool:
    return node.NamespaceIndex == 0 and node.Identifier in {0, None, "", b""}


def _severity(value: object) -> int | None:
    """1 to 1000 (OPC 10000-5, 6.4.2); servers that count further are taken at their word as far as it is a UInt16."""
    return value if type(value) is int and 0 <= value < 1 << 16 else None


def _state(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _text(value: object) -> str | None:
    text = value.Text if isinstance(value, ua.LocalizedText) else value
    return str(text).encode(errors="replace").decode() if isinstance(text, str) else None
