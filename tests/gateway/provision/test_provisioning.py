"""A real Kafka that refuses by default, provisioned from the sample by the command: what is let in, what is not."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from aiokafka.errors import KafkaConnectionError

from gateway.intake.inspection import Inspector, Memory
from gateway.intake.message import Batch
from gateway.link.access import Access, Rule, Topic
from gateway.link.governing import Governor, governing
from gateway.link.reasons import reason
from gateway.link.receiver import Receiver
from gateway.link.replies import Replies
from gateway.link.settings import KafkaSettings
from gateway.link.topics import topics
from gateway.proof.keys import public_keys
from gateway.provision.settings import password_file
from tests.gateway.link.uplinks import KEY, Line, node_key, running
from tests.gateway.provision.intruder import NO_CLUSTER, NO_GROUP, NO_TOPIC, intruding
from tests.gateway.running_commands import Done, call
from tests.support.certificates import DAY, Authority
from tests.support.eventually import eventually
from tests.support.secure_kafka import SecureKafka, secure_kafka
from tests.support.signed_samples import signed_samples

__all__ = ["secure_kafka"]

pytestmark = pytest.mark.kafka

SAMPLE = Path(__file__).parents[3] / "gateway" / "provision" / "sample.yaml"
HOLDERS = ("holder-b", "holder-c", "holder-d")
FOREIGN = Rule("User:visitor", "topic", "cmo-a.holder-c.alarms.v1", prefixed=False, operation="read")


@dataclass(frozen=True)
class Provisioned:
    """The broker after the command, how it is called, and what it said before the first time and then."""

    kafka: SecureKafka
    folder: Path
    dry: Done
    first: Done

    def __call__(self, *options: str) -> Done:
        return call(self.folder, "provision", "sample.yaml", *options)

    def client(self, name: str) -> KafkaSettings:
        """A party's, by password, or by certificate where it has no user."""
        if name in {"holder-d", "line-3"}:
            return self.kafka.certificate(name)
        return self.kafka.scram(name, self.password(name))

    def password(self, user: str) -> Path:
        return password_file(self.folder / "secrets", "plant", user)


@pytest.fixture(scope="module")
def provisioned(secure_kafka: SecureKafka, tmp_path_factory: pytest.TempPathFactory) -> Provisioned:
    folder = tmp_path_factory.mktemp("provision")
    own = secure_kafka.administrator()
    given = {
        "${KAFKA:-kafka.cmo-a.example:9093}": own.bootstrap, "${KAFKA_CA:-/etc/cmo-gateway/ca.pem}": str(own.ca_file),
        "${KAFKA_ADMIN_PASSWORD_FILE:-/etc/cmo-gateway/kafka-admin.password}": str(own.password_file),
        "${KAFKA_COPIES:-3}": "1", "${KAFKA_IN_SYNC:-2}": "1",
    }  # fmt: skip
    text = SAMPLE.read_text(encoding="utf-8")
    for variable, value in given.items():
        assert variable in text
        text = text.replace(variable, value)
    (folder / "sample.yaml").write_text(text, encoding="utf-8")
    signed_samples(folder)
    dry = call(folder, "provision", "sample.yaml", "--dry-run")
    return Provisioned(secure_kafka, folder, dry, call(folder, "provision", "sample.yaml"))


async def asked(kafka: KafkaSettings, names: Sequence[str] = ()) -> Access:
    async with governing(kafka) as governor:
        return await governor.access(names)


async def enters(kafka: KafkaSettings) -> bool:
    try:
        async with intruding(kafka):
            return True
    except KafkaConnectionError:
        return False


def test_dry_run_shows_what_is_then_done(provisioned: Provisioned) -> None:
    """Line for line, with exit code 1; nothing of it was done before."""
    assert (provisioned.dry.returncode, provisioned.first.returncode) == (1, 0), provisioned.first.stderr
    done = [line.partition(", password in ")[0] for line in provisioned.first.stdout.splitlines()]
    assert sorted(provisioned.dry.stdout.splitlines()) == sorted(done)
    assert "+ User:holder-b may read topic cmo-a.holder-b.…" in done
    assert "+ user holder-b" in done
    assert "~ user CN=holder-d: consumer_byte_rate 5000000" in done
    assert any(line.startswith("+ topic cmo-a.holder-d.measurements.v1 (") for line in done)


def test_provisioning_twice_changes_nothing(provisioned: Provisioned) -> None:
    """Neither with the broker nor with the passwords, which are for their owner alone and were never said."""
    files = sorted((provisioned.folder / "secrets").rglob("*.password"))
    before = [(file.name, file.read_text(), file.stat().st_mode & 0o777) for file in files]
    for done in (provisioned("--dry-run"), provisioned(), provisioned("--prune")):
        assert (done.returncode, done.stderr) == (0, "")
        assert [line.rpartition(", ")[2].split(": ")[1] for line in done.stdout.splitlines()] == ["as it should be"]
    assert [(file.name, file.read_text(), file.stat().st_mode & 0o777) for file in files] == before
    assert [name for name, _, _ in before] == [
        f"{one}.password" for one in ("cmo-a.line-3", "cmo-a.node", *HOLDERS[:2])
    ]
    assert {mode for _, _, mode in before} == {0o600}
    said = provisioned.first.stdout + provisioned.first.stderr
    assert not any(password.strip() in said for _, password, _ in before)


def test_what_somebody_changed_is_put_right_and_what_somebody_allowed_is_named(provisioned: Provisioned) -> None:
    """A rule that nobody asked for goes only when that is asked for; until then the command does not end well."""
    name = "cmo-a.holder-c.alarms.v1"

    async def change(governor: Governor) -> None:
        await governor.add_rules([FOREIGN])
        await governor.set_settings([Topic(name, {"retention.ms": "1000000000"})])
        await governor.set_quotas("holder-c", {"consumer_byte_rate": None, "producer_byte_rate": 5.0})

    async def shown(governor: Governor) -> bool:
        held = await governor.access([name])
        seen = held.topics[name].settings["retention.ms"], held.quotas["holder-c"]
        return FOREIGN in held.rules and seen == ("1000000000", {"producer_byte_rate": 5.0})

    async def changed() -> None:
        async with governing(provisioned.kafka.administrator()) as governor:
            await change(governor)
            await eventually(partial(shown, governor), within=60)  # the broker answers before it shows what it was told

    asyncio.run(changed())
    differs = [
        f"~ topic {name} (retention.ms=-1)",
        "~ user holder-c: consumer_byte_rate 20000000, producer_byte_rate 1000000",
    ]
    unexpected = f"! unexpected: {FOREIGN}; --prune removes it"
    for option in ("--dry-run", ""):
        done = provisioned(*option.split())
        assert (done.returncode, done.stderr, done.stdout.splitlines()[1:]) == (1, "", [*differs, unexpected])
    assert provisioned().stdout.splitlines()[1:] == [unexpected]
    pruned = provisioned("--prune")
    assert (pruned.returncode, pruned.stdout.splitlines()[1:]) == (0, [f"- {FOREIGN}"])
    held = asyncio.run(asked(provisioned.kafka.administrator(), [name]))
    assert held.topics[name].settings["retention.ms"] == "-1"
    assert held.quotas["holder-c"] == {"consumer_byte_rate": 20e6, "producer_byte_rate": 1e6}
    assert held.quotas["CN=holder-d"] == {"consumer_byte_rate": 5e6}
    assert FOREIGN not in held.rules


def test_a_broker_that_is_open_to_all_is_told(provisioned: Provisioned) -> None:
    """As it hides the setting, by what it lets a party's user do that no rule of ours allows."""
    rule = Rule("User:*", "cluster", "kafka-cluster", prefixed=False, operation="describe")

    async def change(*, there: bool) -> None:
        async with governing(provisioned.kafka.administrator()) as governor:
            await (governor.add_rules if there else governor.remove_rules)([rule])

            async def shown() -> bool:
                return (rule in (await governor.access([])).rules) == there

            await eventually(shown, within=60)

    asyncio.run(change(there=True))
    done = provisioned("--dry-run")
    asyncio.run(change(there=False))
    assert (done.returncode, done.stdout.splitlines()[1]) == (1, f"! unexpected: {rule}; --prune removes it")
    assert "set allow.everyone.if.no.acl.found=false" in done.stdout.splitlines()[2]
    assert provisioned("--dry-run").returncode == 0


def test_a_password_that_is_renewed_ends_the_old_one(provisioned: Provisioned) -> None:
    """The agent's user, which no other test here uses."""
    file = provisioned.password("cmo-a.node")
    old = provisioned.folder / "old.password"
    old.write_text(file.read_text())
    assert provisioned("--renew", "nobody").returncode == 2
    done = provisioned("--renew", "cmo-a.node")
    assert (done.stderr, "~ user cmo-a.node, another password in " in done.stdout) == ("", True)
    assert old.read_text() != file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600

    async def logins() -> None:
        await eventually(partial(enters, provisioned.client("cmo-a.node")), within=60)  # in force after the answer
        assert not await enters(provisioned.kafka.scram("cmo-a.node", old))
        async with intruding(provisioned.client("cmo-a.node")) as node:
            assert {topic.split(".")[0] for topic in await node.topics()} == {"cmo-a", *HOLDERS}

    asyncio.run(logins())


def test_a_broker_that_does_not_let_us_in_is_told_in_a_line(provisioned: Provisioned) -> None:
    """With what to do; a file at fault is another exit code."""
    wrong = provisioned.folder / "wrong.yaml"
    text = (provisioned.folder / "sample.yaml").read_text()
    wrong.write_text(text.replace("user: ${KAFKA_ADMIN:-admin}", "user: nobody"))
    done = call(provisioned.folder, "provision", "wrong.yaml")
    refused = "the broker refuses user nobody or its password: check user and password_file"
    assert (done.returncode, done.stdout, done.stderr.count("\n"), refused in done.stderr) == (1, "", 1, True)
    wrong.write_text(text.replace("users: [holder-c]", "users: [holder-b]"))
    done = call(provisioned.folder, "provision", "wrong.yaml")
    assert (done.returncode, "user or subject holder-b stands here twice" in done.stderr) == (2, True)
    wrong.write_text(text.replace("id: holder-d", "id: holder-e"))
    done = call(provisioned.folder, "provision", "wrong.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no agreement that cmo-a and holder-e both signed" in done.stderr
    assert "holder-d of agreement holder-d is missing" in done.stderr


@pytest.mark.parametrize("name", HOLDERS)
async def test_a_holder_is_refused_whatever_is_anothers(provisioned: Provisioned, name: str) -> None:
    """Topics in both directions, groups, the cluster itself; it is not even told what there is."""
    async with intruding(provisioned.client(name)) as holder:
        seen = {tuple(topic.split(".")[:2]) for topic in await holder.topics()}
        assert seen == {("cmo-a", name), (name, "cmo-a"), (name, name)}
        for other in ({*HOLDERS, "cmo-a"}) - {name}:
            back = (f"{other}.cmo-a.receipts.v1", f"{other}.cmo-a.resends.v1", f"{other}.{other}.notices.v1")
            for topic in (*topics("cmo-a", other), *back):
                assert await holder.describe(topic) == {NO_TOPIC}, topic
                assert await holder.ends(topic) == {NO_TOPIC}, topic
                assert await holder.read(topic) == {NO_TOPIC}, topic
                assert await holder.write(topic) == {NO_TOPIC}, topic
            group = f"{other}.node"
            assert await holder.positions(group) == {NO_GROUP}
            assert NO_GROUP in await holder.move(group, topics("cmo-a", name)[0])
            assert await holder.members(group) == {NO_GROUP}
        assert await holder.rules() == {NO_CLUSTER}
        assert await holder.become_user() == {NO_CLUSTER}


@pytest.mark.parametrize("name", HOLDERS)
async def test_a_holder_reaches_its_own(provisioned: Provisioned, name: str) -> None:
    """It reads what is sent to it, writes what leads back, and has groups; what is sent to it it cannot write."""
    async with intruding(provisioned.client(name)) as holder:
        for topic in topics("cmo-a", name):
            assert await holder.describe(topic) == await holder.ends(topic) == await holder.read(topic) == {0}
            assert await holder.write(topic) == {NO_TOPIC}
        for topic in (f"{name}.cmo-a.resends.v1", f"{name}.{name}.notices.v1"):
            assert await holder.write(topic) == {0}
        group, topic = f"{name}.reports", topics("cmo-a", name)[0]
        assert await settled(partial(holder.coordinator, group)) == {0}
        assert await settled(partial(holder.move, group, topic)) == {0}
        assert await holder.positions(group) == {0}


async def settled(ask: Callable[[], Awaitable[set[int]]]) -> set[int]:
    """The answer once the topic of positions is there, which the broker makes when first asked for a coordinator."""

    async def answered() -> set[int]:
        found = await ask()
        return set() if found & {14, 15, 16} else found  # loading, not available, not the coordinator

    return await eventually(answered, within=60)


def test_who_reads_more_than_its_share_waits_and_nobody_else(provisioned: Provisioned) -> None:
    """By certificate as by password: the broker holds back the one holder, and serves the other at once."""
    text = (provisioned.folder / "sample.yaml").read_text()
    (provisioned.folder / "narrow.yaml").write_text(text.replace("rate: 5_000_000", "rate: 40_000"))

    async def other_waits() -> bool:
        topics = {name: f"cmo-a.{name}.documents.v1" for name in ("holder-b", "holder-d")}
        async with intruding(provisioned.client("line-3")) as agent:
            for topic in topics.values():
                assert await agent.write(topic, b"\0" * 500_000) == {0}
        async with (
            intruding(provisioned.client("holder-d")) as much,
            intruding(provisioned.client("holder-b")) as other,
        ):
            await eventually(partial(much.held_back, topics["holder-d"]), within=60)  # shown a moment before in force
            return await other.held_back(topics["holder-b"]) > 0

    try:
        done = call(provisioned.folder, "provision", "narrow.yaml")
        assert (done.returncode, "~ user CN=holder-d: consumer_byte_rate 40000" in done.stdout) == (0, True)
        assert not asyncio.run(other_waits())
    finally:
        assert provisioned().returncode == 0


async def test_a_sender_answers_for_no_holder(provisioned: Provisioned) -> None:
    """It reads receipts and cannot write them; the manufacturer's node writes to no holder."""
    async with intruding(provisioned.client("line-3")) as agent, intruding(provisioned.client("cmo-a.node")) as node:
        for topic in ("holder-c.cmo-a.receipts.v1", "holder-c.cmo-a.resends.v1"):
            assert (await agent.read(topic), await agent.write(topic)) == ({0}, {NO_TOPIC})
            assert (await node.read(topic), await node.write(topic)) == ({0}, {NO_TOPIC})
        assert await node.write("cmo-a.holder-c.alarms.v1") == {NO_TOPIC}
        assert await agent.positions("cmo-a.node") == {NO_GROUP}


async def test_who_comes_with_a_trusted_certificate_and_no_rule_sees_nothing(provisioned: Provisioned) -> None:
    """The authority may have given certificates to others."""
    async with intruding(provisioned.kafka.certificate("visitor")) as visitor:
        assert await visitor.topics() == set()
        assert await visitor.read("cmo-a.holder-b.alarms.v1") == {NO_TOPIC}
        assert await visitor.positions("holder-b.node") == {NO_GROUP}


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("wrong password", "the broker refuses user holder-b or its password"),
        ("another's password", "the broker refuses user holder-b or its password"),
        ("unknown user", "the broker refuses user nobody or its password"),
        ("anonymous", "whether it wants a certificate_file or a user"),
        ("no certificate", "whether it wants a certificate_file or a user"),
        ("expired", "certificate_file (is it expired, or of another authority?)"),
        ("foreign", "certificate_file (is it expired, or of another authority?)"),
        ("untrusting", "the broker's certificate is not trusted"),
        ("plain text", "Unable to bootstrap"),
        ("plain text to certificates", "Unable to bootstrap"),
    ],
)
async def test_an_outsider_is_not_let_in(
    provisioned: Provisioned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str, said: str
) -> None:
    """And is told, where the broker lets it be known, what is wrong and what to look at."""
    kafka = provisioned.kafka
    monkeypatch.setattr("gateway.link.reasons.PATIENCE_MS", 60_000)
    (tmp_path / "wrong").write_text("not the password\n")
    ca, (password, other) = kafka.folder / "ca.pem", (provisioned.password(one) for one in HOLDERS[:2])
    addresses = {"bootstrap": kafka.broker.bootstrap, "ca_file": ca}
    outsiders = {
        "wrong password": lambda: kafka.scram("holder-b", tmp_path / "wrong"),
        "another's password": lambda: kafka.scram("holder-b", other),
        "unknown user": lambda: kafka.scram("nobody", password),
        "anonymous": lambda: KafkaSettings.model_validate(addresses),
        "no certificate": lambda: KafkaSettings(bootstrap=kafka.by_certificate, ca_file=ca),
        "expired": lambda: kafka.certificate("holder-d", valid=-DAY),
        "foreign": lambda: kafka.certificate("holder-d", by=Authority("plant")),
        "untrusting": lambda: KafkaSettings(bootstrap=kafka.by_certificate),
        "plain text": lambda: KafkaSettings(bootstrap=kafka.broker.bootstrap, security="plaintext"),
        "plain text to certificates": lambda: KafkaSettings(bootstrap=kafka.by_certificate, security="plaintext"),
    }
    settings = outsiders[who]()
    with pytest.raises(KafkaConnectionError) as fault:
        async with intruding(settings):
            pass
    assert said in await reason(settings, fault.value)


@pytest.mark.parametrize(
    ("agent", "recipient", "exactly_once"), [("cmo-a.line-3", "holder-b", True), ("line-3", "holder-d", False)]
)
async def test_agent_and_node_need_no_more_than_they_are_given(
    provisioned: Provisioned, tmp_path: Path, agent: str, recipient: str, exactly_once: bool
) -> None:
    """With passwords and in transactions, and with certificates: records out, receipts home."""
    node, own = node_key(recipient), provisioned.client(recipient)
    line = Line(provisioned.client(agent), recipient, tmp_path / "j.db", node=node, exactly_once=exactly_once)
    inspector = Inspector(
        ("cmo-a", recipient), public_keys(KEY), node, lambda _stream, number: leaves[number], Memory()
    )
    replies = Replies(own, origin="cmo-a", recipient=recipient)
    leaves: dict[int, bytes] = {}
    got: list[int | None] = []

    async def receive() -> None:
        async for batch in Receiver(own, origin="cmo-a", recipient=recipient).batches({}):
            inspected = inspector.inspect(batch if batch.size else Batch(), time.time())
            got.extend(one.number for one in inspected.messages if one.stream == line.stream.name)
            replies.confirm(inspected.receipts)

    async with running(line), asyncio.TaskGroup() as tasks:
        holder = [tasks.create_task(receive()), tasks.create_task(replies.run())]
        line.offer_frames(range(100))
        await line.drained(60)
        line.seal()
        await eventually(lambda: line.journal.confirmed(line.stream.name)[0] == 102, within=60)
        for task in holder:
            task.cancel()
    assert got == list(range(1, 103))
    line.journal.close()
