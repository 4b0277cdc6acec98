"""What a running plant is told over HTTP, and what it tells.

    GET    /devices                      each device: kind, address, whether it runs, its lies, its clients
    GET    /devices/DEVICE               one of them
    GET    /devices/DEVICE/lies          each lie that it knows: what it does, whether it is on
    PUT    /devices/DEVICE/lies/LIE      switch it on; answered when the device lies so
    DELETE /devices/DEVICE/lies/LIE      switch it off
    POST   /steps                        a step of a scenario, without `at`, happens now

What there is not is 404, what a device does not do 409, a step that does not fit the plant 422; each with
`{"error": …}`, one line.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError

from simulators.lies import lies_of
from simulators.plant import Plant
from simulators.processes import DeviceError, DeviceProcess
from simulators.scenario import Lie, Scenario, Step, scenario_faults
from simulators.web import RefusedError, Request

Perform = Callable[[Step], Awaitable[None]]
"""Lets a step happen now. Raises `DeviceError`."""


class Control:
    """Answers requests about a plant that runs."""

    def __init__(self, plant: Plant, devices: Mapping[str, DeviceProcess], perform: Perform) -> None:
        self._plant = plant
        self._devices = devices
        self._perform = perform

    async def answer(self, request: Request) -> Any:
        """What is answered. Raises RefusedError."""
        try:
            return await self._answer(request)
        except DeviceError as error:
            raise RefusedError(HTTPStatus.CONFLICT, str(error)) from error

    async def _answer(self, request: Request) -> Any:
        match (request.method, *request.path):
            case "GET", "devices":
                return {name: await self._told(name) for name in self._devices}
            case "GET", "devices", name:
                return await self._told(self._known(name))
            case "GET", "devices", name, "lies":
                return self._lies(self._known(name))
            case "PUT" | "DELETE", "devices", name, "lies", lie:
                return await self._switch(self._known(name), lie, on=request.method == "PUT")
            case "POST", "steps":
                return await self._step(request.body)
        raise RefusedError(
            HTTPStatus.NOT_FOUND,
            "there are GET /devices[/DEVICE[/lies]], PUT or DELETE /devices/DEVICE/lies/LIE, and POST /steps",
        )

    def _known(self, name: str) -> str:
        if name not in self._devices:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"no device {name!r}; there are {', '.join(self._devices)}")
        return name

    async def _told(self, name: str) -> dict[str, Any]:
        device = self._devices[name]
        running = device.pid is not None
        return {
            "kind": self._plant.devices[name].kind,
            "address": device.address,
            "running": running,
            "lies": sorted(device.lies),
            "clients": await device.clients() if running else None,
        }

    def _lies(self, name: str) -> dict[str, Any]:
        on = self._devices[name].lies
        known = lies_of(self._plant.devices[name])
        return {lie: {"what": what, "on": lie in on} for lie, what in known.items()}

    async def _switch(self, name: str, lie: str, *, on: bool) -> dict[str, Any]:
        known = lies_of(self._plant.devices[name])
        if lie not in known:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"{name} has no lie {lie!r}; there are {', '.join(known)}")
        await self._perform(Lie(at=0, do="lie" if on else "stop_lying", device=name, lie=lie))
        return await self._told(name)

    async def _step(self, body: bytes) -> dict[str, Any]:
        try:
            scenario = Scenario.model_validate({"title": "now", "steps": [{"at": 0, **json.loads(body)}]})
        except ValidationError as error:
            told = [f"{'.'.join(map(str, one['loc'][2:]))}: {one['msg']}" for one in error.errors()]
            raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(told)) from error
        except (ValueError, TypeError) as error:
            raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, "the body is no JSON object") from error
        if faults := scenario_faults(scenario, self._plant):
            raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(text for _, text in faults))
        (step,) = scenario.steps
        await self._perform(step)
        return step.model_dump(exclude={"at"})
