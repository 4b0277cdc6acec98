"""What the agent answers at its control socket: how it is, and what a person may ask of it."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import structlog

from adapters.contract import NotAskedError, TakesFiles, WeighingRequest, Weighs, now
from edge.control import RefusedError
from edge.flow import Flow
from edge.identities import Identities, NotAcceptedError
from edge.sources import Sources
from edge.stages import examine
from gateway.alarm.engine import CommandRefusedError
from schemas.codec import Record, plain
from schemas.records import AlarmEvent, Weighing, WeighingMethod

log = structlog.get_logger(__name__)

COMMANDS = {
    "acknowledge": AlarmEvent.ACKNOWLEDGED, "reset": AlarmEvent.RESET, "shelve": AlarmEvent.SHELVED,
    "unshelve": AlarmEvent.UNSHELVED, "out_of_service": AlarmEvent.REMOVED_FROM_SERVICE,
    "return_to_service": AlarmEvent.RETURNED_TO_SERVICE,
}  # fmt: skip
"""What a person may do with an alarm, by name of the request."""


class Answers:
    """By name of the request; `status` tells of the journal and the uplink."""

    def __init__(
        self, flow: Flow, sources: Sources, identities: Identities, status: Callable[[], dict[str, Any]]
    ) -> None:
        self._flow, self._sources, self._identities, self._status = flow, sources, identities, status

    def by_name(self) -> Mapping[str, Callable[..., Any]]:
        """For the control socket."""
        return {
            "status": self.status, "alarms": self.open_alarms, "readings": self._flow.latest.columns,
            "accept_identity": self.accept_identity, "weigh": self.weigh, "again": self.again,
            "dismiss": self.dismiss,
            **{do: partial(self.command, event) for do, event in COMMANDS.items()},
        }  # fmt: skip

    def status(self) -> dict[str, Any]:
        """How sources and uplink are, for `cmo-edge status`. Ages in seconds."""
        moment = now()
        states = [supervisor.state for supervisor in self._sources.supervisors]
        return self._status() | {
            "sources": [
                {
                    "name": s.name, "connected": s.connected, "problem": s.problem, "frames": s.frames,
                    "samples": s.samples, "age": None if s.heard is None else (moment - s.heard) / 1e6,
                }
                for s in states
            ],
            "files": {name: source.files for name, source in self._sources.of_files.items()},
        }  # fmt: skip

    def open_alarms(self, *, suppressed: bool = False) -> list[dict[str, Any]]:
        """The alarms that are not normal; those that are suppressed by design only if they are asked for."""
        alarms = self._flow.alarms
        return [plain(alarm) for alarm in (alarms.latest() if suppressed else alarms.open())]

    def command(
        self, event: AlarmEvent, condition: str, actor: str, comment: str, until: int | None = None
    ) -> dict[str, Any]:
        """What a person does with an alarm; `until` UTC microseconds. Raises CommandRefusedError."""
        return plain(self._flow.command(event, condition, actor=actor, comment=comment, until=until))

    def accept_identity(self, source: str, actor: str, comment: str) -> dict[str, str]:
        """The device that answers now is the one that is meant. Raises RefusedError.

        Who said it becomes the acknowledgement of the alarm, where one waits for it.
        """
        try:
            identity = self._identities.accept(source)
        except NotAcceptedError as error:
            raise RefusedError(str(error)) from error
        except OSError as error:
            raise RefusedError(f"the identity cannot be kept: {error}") from error
        said = ", ".join(f"{name} {content}" for name, content in identity.items())
        log.warning("identity accepted", source=source, identity=said, actor=actor, comment=comment)
        with suppress(CommandRefusedError):
            self.command(
                AlarmEvent.ACKNOWLEDGED, examine.identity_condition(source), actor, f"{comment} (accepted: {said})"
            )
        return dict(identity)

    async def again(self, source: str, file: str) -> int:
        """Read a kept file once more, by the mappings as they are now. Raises RefusedError."""
        return _found(file, await _done(self._of_files(source).again(file)))

    async def dismiss(self, source: str, file: str, actor: str, comment: str) -> int:
        """What was refused of a file needs nothing more. Raises RefusedError."""
        log.warning("refused file dismissed", source=source, file=file, actor=actor, comment=comment)
        return _found(file, await _done(self._of_files(source).dismiss(file, f"{comment} ({actor})")))

    def _of_files(self, source: str) -> TakesFiles:
        if source not in self._sources.of_files:
            raise RefusedError(f"source {source!r} of this agent takes no files")
        return self._sources.of_files[source]

    async def weigh(self, source: str, **request: Any) -> dict[str, Any]:
        """Take a weighing of record by command; given back once it is on the disk. Raises RefusedError."""
        taken, record = await self.take_weighing(source, WeighingRequest(method=WeighingMethod.COMMAND, **request))
        return plain(record) | {"raw": None if taken.raw is None else taken.raw.decode("latin-1")}

    async def take_weighing(self, source: str, request: WeighingRequest) -> tuple[Weighing, Record]:
        """What the balance gave, and the record that became of it, once it is on the disk. Raises RefusedError."""
        scale = self._sources.by_name.get(source)
        if not isinstance(scale, Weighs):
            raise RefusedError(f"source {source!r} is no balance of this agent")
        try:
            taken = await scale.weigh(request)
        except NotAskedError as error:
            raise RefusedError(str(error)) from error
        return taken, await self._flow.take_weighing(taken)


async def _done(asked: Awaitable[int]) -> int:
    try:
        return await asked
    except NotAskedError as error:
        raise RefusedError(str(error)) from error


def _found(file: str, count: int) -> int:
    if not count:
        raise RefusedError(f"no such file, or several, or nothing to do: {file!r}; see `cmo-edge exports`")
    return count
