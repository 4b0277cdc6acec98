"""Who looked at what at the holder's console, as the manufacturer's own node shows it: two nodes, a real Kafka."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml

from gateway.access.account import Lockout
from gateway.access.accounts import Accounts, utc_now
from gateway.access.roles import Role
from gateway.proof import keys
from simulators.child import Child
from simulators.ports import free_port
from tests.gateway.running_commands import SITE
from tests.support.eventually import eventually
from tests.support.line import program

pytestmark = pytest.mark.kafka
WITHIN = 90
HOUR = 3_600_000_000


class Console:
    """One party's node, a process; whoever asks does so with a token of a person of its own."""

    def __init__(self, folder: Path, party: str, login: str, name: str, role: Role) -> None:
        self.folder, self.party = folder / party, party
        self.folder.mkdir()
        for file, one in (("node", keys.Role.NODE), ("sender", keys.Role.SENDER)):
            key = keys.generate(party, one, party)
            keys.save(key, self.folder / f"{file}.key")
            keys.save_public(key, folder / f"{party}-{file}.vkey")
        accounts = Accounts(self.folder / "accounts.sqlite", Lockout(5, 60), utc_now)
        accounts.add(login, name, [role], "a long password of nobody")
        token = accounts.make_token(login, utc_now() + HOUR)
        accounts.close()
        self._port = free_port()
        self._headers = {"Authorization": f"Bearer {token}"}
        self.child: Child | None = None

    def configure(self, kafka: str, cmo: str, trust: list[Path], **more: Any) -> None:
        settings = {
            "name": self.party, "cmo": cmo, "site": str(SITE), "trust": [str(one) for one in trust],
            "key": "node.key", "sender_key": "sender.key", "archive": "archive.duckdb", "access": {},
            "kafka": {"bootstrap": kafka, "security": "plaintext"}, "console": {"port": self._port},
        }  # fmt: skip
        (self.folder / "node.yaml").write_text(yaml.safe_dump(settings | more))

    async def start(self, stack: ExitStack) -> None:
        """Until it answers."""
        command: list[str | Path] = [program("cmo-gateway"), "run", self.folder / "node.yaml"]
        self.child = Child(command, log=self.folder / "log")
        stack.callback(self.child.kill)
        await eventually(self._answers, within=WITHIN)

    def ask(self, path: str) -> Any:
        """A question of a program, which is a look of its person."""
        address = f"http://127.0.0.1:{self._port}/api/{path}"
        return httpx.get(address, headers=self._headers, timeout=60, trust_env=False).raise_for_status().json()

    def looks(self, person: str) -> list[tuple[str, str]]:
        """Whose console, and what was asked, as the page lists it: the newest first."""
        found = [one["access"] for one in self.ask(f"people?range=1d&person={person}")["accesses"]]
        return [(one["node"], one["path"]) for one in found if one["act"] == "QUERIED"]

    def _answers(self) -> bool:
        try:
            return bool(self.ask("overview"))
        except httpx.TransportError:
            return False


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


async def test_a_look_at_the_holders_console_is_seen_proven_and_once_at_the_manufacturers(
    kafka: str, tmp_path: Path, stack: ExitStack
) -> None:
    """Also what was looked at while the other node was away; and the holder's own log keeps what was confirmed."""
    mark = uuid4().hex[:8]
    cmo = Console(tmp_path, f"cmo-{mark}", "wang.fang", "Wang Fang", Role.QA)
    holder = Console(tmp_path, f"holder-{mark}", "li.na", "Li Na", Role.HOLDER_REVIEWER)
    every = sorted(tmp_path.glob("*.vkey"))
    cmo.configure(kafka, cmo.party, every, holders=[holder.party])
    holder.configure(kafka, cmo.party, every)
    await holder.start(stack)
    holder.ask("weighings?range=1d")
    await cmo.start(stack)
    seen = [(holder.party, "/weighings"), (holder.party, "/overview")]
    await eventually(lambda: cmo.looks("Li") == seen, within=WITHIN)
    assert holder.child is not None
    holder.child.kill()
    await holder.start(stack)
    holder.ask("batches")
    again = [(holder.party, "/batches"), (holder.party, "/overview"), *seen]
    await eventually(lambda: cmo.looks("Li") == again, within=WITHIN)
    stream = f"{holder.party}.{holder.party}.{cmo.party}.access.v1"

    def proven() -> bool:
        streams = {one["stream"]: one for one in cmo.ask("evidence?range=1d")["streams"]}
        return stream in streams and streams[stream]["verified"] >= len(again)

    await eventually(proven, within=WITHIN)
    assert cmo.looks("Li") == again
    assert [one for one in holder.looks("Li") if one[1] in {"/weighings", "/batches"}] == [again[0], again[2]]
    assert [party for party, _ in holder.looks("Wang")] == []
