import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(
    predicate: Callable[[], Awaitable[T]], *, within: float, every: float = ..., what: str = ...
) -> T: ...
@overload
async def eventually(predicate: Callable[[], T], *, within: float, every: float = ..., what: str = ...) -> T: ...
async def eventually(
    predicate: Callable[[], T | Awaitable[T]], *, within: float, every: float = 0.02, what: str = ""
) -> T:
    """The first truthy result of `predicate`, plain or async, asked again every `every` seconds.

    An AssertionError inside it counts as "not yet". After `within` seconds: AssertionError, which says what was
    waited for (`what`, else the predicate's source) and what came last.
    """
    last: object = "no answer"
    try:
        async with asyncio.timeout(within):
            while True:
                try:
                    result = predicate()
                    value = await result if inspect.isawaitable(result) else result
                except AssertionError as error:
                    last = error
                else:
                    if value:
                        return value
                    last = repr(value)
                await asyncio.sleep(every)
    except TimeoutError:
        raise AssertionError(f"not within {within:g} s: {what or _source(predicate)}; last: {last}") from None


def _source(predicate: Callable[[], object]) -> str:
    """The predicate as it is written, on one line."""
    try:
        return " ".join(inspect.getsource(predicate).split())
    except (OSError, TypeError):
        return repr(predicate)
