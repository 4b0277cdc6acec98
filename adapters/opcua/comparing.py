"""Reads that are compared with what was last notified: a subscription that tells nothing new is found out (F01)."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import cycle, islice

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.uaerrors import UaError

from adapters.opcua.inbox import Inbox
from adapters.opcua.latest import content_of
from schemas.records import GapCause

FEW = 5
"""Tags that are compared at once."""


async def compare(
    client: Client, nodes: Mapping[int, ua.NodeId], inbox: Inbox, names: Sequence[str], *, interval: float, wait: float
) -> None:
    """Every `interval` seconds the next few tags, in turn; fails the inbox when one is told wrong for `wait` seconds.

    `nodes` without those that have a deadband: of these the server may keep changes to itself.
    """
    turn = cycle(nodes)
    while nodes:
        await asyncio.sleep(interval)
        some = list(islice(turn, min(FEW, len(nodes))))
        for row in await _differing(client, nodes, inbox, some):
            before = inbox.latest.turn(row)
            await asyncio.sleep(wait)  # the notification may be on its way
            if inbox.latest.turn(row) == before and await _differing(client, nodes, inbox, [row]):
                detail = f"a read of {names[row]} differs from what the subscription told last"
                inbox.fail(GapCause.SUBSCRIPTION_LOST, detail)
                return


async def _differing(client: Client, nodes: Mapping[int, ua.NodeId], inbox: Inbox, rows: Sequence[int]) -> list[int]:
    """Tags whose value or status, read now, is not the one last notified; none when the read itself fails."""
    try:
        answers = await client.uaclient.read_attributes([nodes[row] for row in rows], AttributeIds.Value)
    except (UaError, OSError, TimeoutError):  # the watchdog of the connection deals with that
        return []
    told = [(row, inbox.latest.content(row), answer) for row, answer in zip(rows, answers, strict=True)]
    return [row for row, last, answer in told if last is not None and last != content_of(answer)]
