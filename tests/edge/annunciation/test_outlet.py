"""Messages get out in order, again and again, and nobody waits for them."""

import asyncio

from edge.annunciation.calling import Message
from edge.annunciation.mail import NotToldError
from edge.annunciation.outlet import MOST, Outlet
from tests.support.eventually import eventually


async def test_what_does_not_get_out_is_tried_again_and_said() -> None:
    """The order stays; once it is out nothing is wrong any more, and each was told once."""
    out, done, failures = list[str](), list[str](), [2]

    async def send(message: Message) -> None:
        if failures[0]:
            failures[0] -= 1
            raise NotToldError("away")
        out.append(message.target)

    async def told(message: Message) -> None:
        done.append(message.target)

    outlet = Outlet("mail", send, told, first=0.3)
    running = asyncio.create_task(outlet.run())
    for name in ("a", "b"):
        outlet.offer(Message(name, (), ()))
    await eventually(lambda: outlet.problem == "away", within=60)
    await eventually(lambda: done == ["a", "b"], within=60)
    assert (out, outlet.problem, outlet.waiting) == (["a", "b"], "", 0)
    running.cancel()


async def test_what_waits_is_bounded() -> None:
    """The oldest is given up, and counted."""

    async def never(_: Message) -> None:
        raise NotToldError("away")

    outlet = Outlet("mail", never, never)
    for number in range(MOST + 3):
        outlet.offer(Message(str(number), (), ()))
    assert (outlet.waiting, outlet.given_up) == (MOST, 3)
