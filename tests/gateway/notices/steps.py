"""Steps of notices for tests."""

from typing import Any
from uuid import UUID, uuid4

from gateway.notices.lifecycle import NEEDS_TEXT, OF_NODE
from gateway.notices.notice import Given
from schemas.notices import NoticeEvent, NoticeKind, NoticeStep

CMO, HOLDER = "cmo-a", "holder-b"
ROLES = {CMO: ("qa",), HOLDER: ("holder-reviewer",)}


def raised(kind: NoticeKind = NoticeKind.DEVIATION, party: str = CMO, *, time: int = 0, **more: Any) -> NoticeStep:
    """The step that begins a notice."""
    id_ = uuid4()
    return NoticeStep(
        id=id_, notice=id_, number="DEV-26-001", kind=kind, event=NoticeEvent.RAISED, time=time, party=party,
        to=(HOLDER if party == CMO else CMO,), title="Pressure fell", text="7.8 Pa for 135 s", roles=ROLES[party],
        **more,
    )  # fmt: skip


def step(
    after: NoticeStep, event: NoticeEvent, party: str, *more_after: NoticeStep, time: int | None = None, **more: Any
) -> NoticeStep:
    """A step behind another one, and behind others."""
    given: dict[str, Any] = {
        "text": "Because." if event in NEEDS_TEXT else "", "roles": () if event in OF_NODE else ROLES[party],
        "to": (HOLDER if party == CMO else CMO,),
    }  # fmt: skip
    return NoticeStep(
        notice=after.notice, after=tuple(one.id for one in (after, *more_after)), number=after.number, kind=after.kind,
        event=event, time=after.time + 1 if time is None else time, party=party, **(given | more),
    )  # fmt: skip


def given(*steps: NoticeStep) -> list[Given]:
    """As they come from those who made them."""
    return [Given(one, one.party) for one in steps]


def other(party: str) -> str:
    """The other side."""
    return HOLDER if party == CMO else CMO


def unknown() -> UUID:
    """The id of something that is not here."""
    return uuid4()
