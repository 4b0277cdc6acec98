"""What OpenAPI tells of the questions is what they answer: found out by others' tools, at a desk full of everything."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from gateway.console.api import ROUTER
from tests.gateway.batches.records import BATCH
from tests.gateway.console.entered import door_beside
from tests.gateway.console.rich import NOW, OTHER_BATCH, questions, rich_desk
from tests.gateway.messages import SECOND
from tests.support.npm import installed

HERE = Path(__file__).parent / "client"
OPERATIONS = [route for route in ROUTER.routes if isinstance(route, APIRoute) and route.include_in_schema]
QUESTIONS = sorted(route.path for route in OPERATIONS if "GET" in (route.methods or ()))
CHECKS = [
    schemathesis.checks.not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance, checks.negative_data_rejection,
]  # fmt: skip
EXAMPLES = {GenerationMode.POSITIVE: 12, GenerationMode.NEGATIVE: 8}
AS_GIVEN = SchemathesisConfig.from_dict(
    {"generation": {"with-security-parameters": False, "allow-extra-parameters": False}}
)
"""Who asks is told by a token of ours; words that nobody knows are passed over."""
ROLE = {"/api/certificates": "chen.jie"}
"""Who asks what the quality unit may not."""


@dataclass(frozen=True)
class Asked:
    """A console, its own description as schemathesis reads it, and tokens of people."""

    address: str
    schema: schemathesis.BaseSchema
    tokens: dict[str, str]
    questions: Mapping[str, str]

    def operation(self, route: str) -> Any:
        """The question as schemathesis reads it."""
        return self.schema[route.replace(":path}", "}")]["GET"]

    def get(self, route: str, path: str) -> httpx.Response:
        """The answer as it is."""
        return httpx.get(self.address + path, headers=self.headers(route), timeout=60, trust_env=False)

    def headers(self, route: str) -> dict[str, str]:
        """By which the console knows who asks."""
        return {"Authorization": f"Bearer {self.tokens[ROLE.get(route, 'wang.fang')]}"}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("node")
    desk = rich_desk(folder)
    with door_beside(folder, desk) as door:
        tokens = {
            login: door.entrance.accounts.make_token(login, NOW + 86_400 * SECOND)
            for login in ("wang.fang", "chen.jie")
        }
        head = {"Authorization": f"Bearer {tokens['wang.fang']}"}
        schema = schemathesis.openapi.from_url(f"{door.address}/api/openapi.json", headers=head, config=AS_GIVEN)
        yield Asked(door.address, schema, tokens, questions(desk))


@pytest.mark.parametrize("route", QUESTIONS)
def test_a_question_answers_as_it_is_described(asked: Asked, route: str) -> None:
    """To what it says it takes and to what it says it does not: in the form and with the codes that it names."""
    operation = asked.operation(route)
    for mode, count in EXAMPLES.items():
        if mode is GenerationMode.NEGATIVE and not chooses(operation):
            continue

        @settings(max_examples=count, database=None, suppress_health_check=list(HealthCheck), deadline=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case: Any) -> None:
            answer = case.call(base_url=asked.address, headers=asked.headers(route))
            case.validate_response(answer, checks=CHECKS)

        holds()


def chooses(operation: Any) -> bool:
    """Whether it takes some words and no others: one that takes any text or nothing has nothing to refuse."""
    given = operation.definition.raw.get("parameters", [])
    return any(one["in"] == "query" or "format" in one["schema"] or "$ref" in one["schema"] for one in given)


@pytest.mark.parametrize("route", QUESTIONS)
def test_what_a_question_answers_is_described(asked: Asked, route: str) -> None:
    """Where there is something to be told."""
    path = asked.questions[route]
    answer = asked.get(route, path)
    assert answer.status_code == 200, answer.text
    asked.operation(route).validate_response(answer)


def test_a_program_made_from_the_description_gets_what_the_pages_show(asked: Asked) -> None:
    """Somebody else's client, in another language: overview, trend, batches, one of them, and the evidence."""
    home = installed("openapi-client", HERE)
    shutil.copy(HERE / "client.cjs", home)
    command = ["node", str(home / "client.cjs"), asked.address, asked.tokens["wang.fang"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told["operations"]) == len(OPERATIONS)
    overview, batches = (asked.get("", f"/api/{name}").json() for name in ("overview", "batches"))
    assert told["overview"].keys() == overview.keys()
    assert told["overview"]["limits"] == overview["limits"]
    assert told["overview"]["today"]["lacking"]["numbers"] == overview["today"]["lacking"]["numbers"] != []
    assert told["batches"] == batches
    assert min(value for value in told["trend"]["trend"]["value"] if value is not None) == 6.0
    assert {one["number"] for one in told["batches"]["batches"]} == {BATCH, OTHER_BATCH}
    assert told["batch"]["batch"]["number"] == BATCH
    assert told["evidence"]["summary"]["missing"] == 4
    assert told["unknown"] == 404
