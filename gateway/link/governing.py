"""Reading and changing who may do what on a broker. It asks for a user that administers the broker."""

import hashlib
import secrets
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code
from cryptography import x509

from gateway.link import exchanges
from gateway.link.access import QUOTAS, Access, Quota, Rates, Resource, Rule, Topic
from gateway.link.closing import closed
from gateway.link.faults import CLIENT_FAULTS
from gateway.link.reasons import reason
from gateway.link.settings import KafkaSettings
from gateway.link.whole import UnreachableError

ANSWER_MS = 60_000
"""A busy broker is waited for: what was asked of it may be half done, and only a person waits."""
ITERATIONS = 8192
"""Of the salted password; Kafka asks for 4096 at least."""
_SCRAM_SHA_512 = 2
_ANY, _PREFIXED, _LITERAL = 1, 4, 3
_DENY, _ALLOW = 2, 3
_TOPIC, _SET = 2, 0
_RESOURCES: Mapping[int, Resource] = {
    2: "topic", 3: "group", 4: "cluster", 5: "transactional-id", 6: "delegation-token", 7: "user",
}  # fmt: skip
_OPERATIONS = {
    2: "all", 3: "read", 4: "write", 5: "create", 6: "delete", 7: "alter", 8: "describe", 9: "cluster-action",
    10: "describe-configs", 11: "alter-configs", 12: "idempotent-write", 13: "create-tokens", 14: "describe-tokens",
    15: "two-phase-commit",
}  # fmt: skip


class Governor:
    """What is allowed on one broker or cluster. All of it raises UnreachableError."""

    def __init__(self, kafka: KafkaSettings, admin: AIOKafkaAdminClient) -> None:
        self._kafka, self._admin = kafka, admin

    async def access(self, topics: Collection[str]) -> Access:
        """What there is: of these topics, and all rules, users and quotas."""
        there = set(await self._admin.list_topics()) & set(topics)
        return Access(
            await self._topics(sorted(there)),
            frozenset(await self._rules()),
            frozenset(await self._users()),
            await self._quotas(),
        )

    async def tells_rules(self) -> bool:
        """Whether the broker tells all rules to who is connected; without one that allows it, it may not."""
        return not (await self._ask(_every_rule())).error_code

    async def make_topics(self, topics: Iterable[Topic], replication: int) -> None:
        """Each with one partition; -1 leaves the number of copies to the broker."""
        copies: dict[str, Any] = (
            {"replica_assignments": {}} if replication < 0 else {}
        )  # aiokafka takes -1 only beside assignments
        wanted = [NewTopic(one.name, 1, replication, topic_configs=dict(one.settings), **copies) for one in topics]
        answer = await self._admin.create_topics(wanted)
        self._check((code, f"topic {name}: {' '.join(map(str, more))}") for name, code, *more in answer.topic_errors)

    async def set_settings(self, topics: Iterable[Topic]) -> None:
        """These settings of these topics; their others stay."""
        rows = [(_TOPIC, one.name, [(name, _SET, value) for name, value in one.settings.items()]) for one in topics]
        answer = await self._ask(exchanges.alter_settings(rows, False))
        self._check((code, f"topic {name}: {message}") for code, message, _, name in answer.responses)

    async def add_rules(self, rules: Sequence[Rule]) -> None:
        """Those that are there stay."""
        answer = await self._ask(exchanges.create_rules([_row(rule) for rule in rules]))
        faults = zip(answer.creation_responses, rules, strict=True)
        self._check((code, f"{rule}: {message}") for (code, message), rule in faults)

    async def remove_rules(self, rules: Sequence[Rule]) -> None:
        """Just these. Raises UnreachableError too for one that is newer than this program."""
        answer = await self._ask(exchanges.delete_rules([_row(rule) for rule in rules]))
        faults = zip(answer.filter_responses, rules, strict=True)
        self._check((code, f"{rule}: {message}") for (code, message, _), rule in faults)

    async def set_password(self, user: str, password: str) -> None:
        """Of a user that is there or is not."""
        salt = secrets.token_bytes(32)
        salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
        row: tuple[Any, ...] = (user, _SCRAM_SHA_512, ITERATIONS, salt, salted, {})
        answer = await self._ask(exchanges.alter_users([], [row], {}))
        self._check((code, f"user {name}: {message}") for name, code, message, _ in answer.results)

    async def set_quotas(self, user: str, rates: Mapping[Quota, float | None]) -> None:
        """These rates of the user; None takes one away."""
        changes = [(name, rate or 0.0, rate is None) for name, rate in rates.items()]
        answer = await self._ask(exchanges.alter_quotas([([("user", user)], changes)], False))
        self._check((code, f"quotas of {user}: {message}") for code, message, _ in answer.entries)

    async def _topics(self, names: Sequence[str]) -> dict[str, Topic]:
        wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        answers = await self._admin.describe_configs(wanted) if wanted else []
        return {
            name: Topic(name, {entry[0]: entry[1] for entry in entries})
            for answer in answers
            for *_, name, entries in answer.resources
        }

    async def _rules(self) -> list[Rule]:
        answer = await self._ask(_every_rule())
        self._check([(answer.error_code, f"access rules: {answer.error_message}")])
        return [
            Rule(
                principal, _RESOURCES.get(kind, "other"), name, pattern == _PREFIXED,
                _OPERATIONS.get(operation, str(operation)), host, permission == _ALLOW,
            )
            for kind, name, pattern, rules in answer.resources
            for principal, host, operation, permission in rules
        ]  # fmt: skip

    async def _users(self) -> list[str]:
        answer = await self._ask(exchanges.describe_users(None, {}))
        self._check([(answer.error_code, f"users: {answer.error_message}")])
        return [user for user, _, _, infos, _ in answer.results if any(one[0] == _SCRAM_SHA_512 for one in infos)]

    async def _quotas(self) -> dict[str, Rates]:
        answer = await self._ask(exchanges.describe_quotas([("user", 2, None)], True))
        self._check([(answer.error_code, f"quotas: {answer.error_message}")])
        rates = [(dict(entity)["user"], dict(values)) for entity, values in answer.entries or ()]
        return {user: {name: some[name] for name in QUOTAS if name in some} for user, some in rates if user}

    async def _ask(self, request: Any) -> Any:
        return await self._admin._send_request(request)  # noqa: SLF001  # its public calls end where these begin

    def _check(self, answers: Iterable[tuple[int, str]]) -> None:
        faults = [f"{for_code(code).__name__}, {what}" for code, what in answers if code]
        if faults:
            raise UnreachableError(f"kafka at {self._kafka.bootstrap} refuses: {'; '.join(faults)}")


def principal_of(kafka: KafkaSettings) -> frozenset[str]:
    """By which name a broker knows who comes with a certificate alone, as brokers write it where nobody maps names.

    Raises UnreachableError.
    """
    if kafka.security != "tls" or kafka.certificate_file is None:
        return frozenset()
    try:
        own = x509.load_pem_x509_certificates(kafka.certificate_file.read_bytes())[0]
    except (OSError, ValueError) as error:
        raise UnreachableError(f"kafka at {kafka.bootstrap}: {kafka.certificate_file}: {error}") from error
    return frozenset({f"User:{own.subject.rfc4514_string()}"})


async def open_to_all(kafka: KafkaSettings, user: str, password_file: Path) -> bool:
    """Whether the broker lets a user of whom no rule speaks have what only an administrator should.

    It hides its setting of that from everybody, so it is asked in the user's name. False where that cannot be.
    """
    if kafka.security != "sasl-tls" or not password_file.is_file():
        return False
    try:
        async with governing(kafka.model_copy(update={"user": user, "password_file": password_file})) as governor:
            return await governor.tells_rules()
    except UnreachableError:
        return False


@asynccontextmanager
async def governing(kafka: KafkaSettings) -> AsyncIterator[Governor]:
    """Connected as who administers the broker. Raises UnreachableError."""
    try:
        options = kafka.client_options()
    except OSError as error:
        raise UnreachableError(f"kafka at {kafka.bootstrap}: {error}") from error
    admin = AIOKafkaAdminClient(**options, request_timeout_ms=ANSWER_MS)
    try:
        await admin.start()
        yield Governor(kafka, admin)
    except CLIENT_FAULTS as error:
        raise UnreachableError(f"kafka at {kafka.bootstrap}: {await reason(kafka, error)}") from error
    finally:
        await closed(admin.close())


def _every_rule() -> Any:
    return exchanges.describe_rules(_ANY, None, _ANY, None, None, _ANY, _ANY)


def _row(rule: Rule) -> tuple[int, str, int, str, str, int, int]:
    """As the protocol has it."""
    kind = next((number for number, name in _RESOURCES.items() if name == rule.resource), None)
    operation = next((number for number, name in _OPERATIONS.items() if name == rule.operation), None)
    if kind is None or operation is None:
        raise UnreachableError(f"{rule}: is of a kind that is not known here; remove it with the broker's own tools")
    pattern = _PREFIXED if rule.prefixed else _LITERAL
    return (kind, rule.name, pattern, rule.principal, rule.host, operation, _ALLOW if rule.allowed else _DENY)
