"""By which agreements an agent sends: what it refuses to start with."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge.agreeing import Agreeing, AgreementsError
from edge.settings import load
from gateway.agreement.signing import ENDING
from gateway.configuration import ConfigurationError
from gateway.context.context import Context
from gateway.journal.committer import Committer
from gateway.journal.journal import Journal
from gateway.proof.keys import Role, generate, public_keys
from gateway.proof.note import SigningKey
from tests.edge.running import configure
from tests.gateway.agreement.making import CMO, HOLDER, TRUST, agreed, of_holder, signed

SOURCE = {
    "type": "modbus", "name": "ems", "host": "127.0.0.1", "port": 1, "proof": "none-available",
    "tags": [{"name": "T", "unit": "Pa", "address": 4, "type": "float32", "word_order": "little"}],
}  # fmt: skip


def test_an_agent_starts_with_nothing_that_not_both_signed(tmp_path: Path) -> None:
    """Without a folder, without a signature, with an altered text; with both signatures it has its recipients."""
    configuration = replace(load(configure(tmp_path, SOURCE)), agreements=tmp_path / "agreements")
    with pytest.raises(AgreementsError, match="is no folder"):
        Agreeing(configuration, TRUST)
    (tmp_path / "agreements").mkdir()
    made, file = signed(agreed(effective="2026-01-01")), tmp_path / "agreements" / "holder-b.yaml"
    file.write_bytes(made.octets)
    with pytest.raises(AgreementsError, match=r"holder-b\.yaml"):
        Agreeing(configuration, TRUST)
    file.with_name(file.name + ENDING).write_bytes(made.note or b"")
    assert Agreeing(configuration, TRUST).recipients == ("holder-b", "cmo-a")
    file.write_bytes(made.octets.replace(b'"before":120', b'"before":121'))
    with pytest.raises(AgreementsError, match=r"holder-b\.yaml"):
        Agreeing(configuration, TRUST)


LONG_AGO = int(datetime(2026, 1, 31, tzinfo=UTC).timestamp())


def put(folder: Path, name: str, version: int, effective: str, *keys: SigningKey, **changes: Any) -> None:
    """A version in the folder, signed by both, or by these."""
    made = signed(agreed(version, effective, **changes), *keys, time=LONG_AGO)
    (folder / f"{name}.yaml{ENDING}").write_bytes(made.note or b"")
    (folder / f"{name}.yaml").write_bytes(made.octets)


async def test_a_version_that_both_sign_while_the_agent_runs_is_taken_over(tmp_path: Path) -> None:
    """What only one signed is not, a holder that is new needs a restart, and what has begun may not go away."""
    folder = tmp_path / "agreements"
    folder.mkdir()
    put(folder, "1", 1, "2026-01-01")
    configuration = replace(load(configure(tmp_path, SOURCE)), agreements=folder)
    agreeing = Agreeing(configuration, TRUST)
    journal = Journal(tmp_path / "j.db", limit=1 << 20)
    route, _ = agreeing.route(Committer(journal, lambda: None))
    route.restore(Context("line-3", "line-3"))
    assert await agreeing.renew() == []
    put(folder, "2", 2, "2026-02-01", HOLDER)
    assert await agreeing.renew() == []
    put(folder, "2", 2, "2026-02-01")
    (name,) = await agreeing.renew()
    assert name.endswith(" v2 with holder-b")
    assert await agreeing.renew() == []
    (status,) = (route.status() or {})["in_force"]
    assert status.endswith(" v2")
    gone = (folder / "2.yaml").read_bytes()
    (folder / "2.yaml").unlink()
    with pytest.raises(AgreementsError, match="v2 with holder-b, which has begun, is not there any more"):
        await agreeing.renew()
    (folder / "2.yaml").write_bytes(gone)
    key = generate("holder-c", Role.SIGNATORY, "qa")
    agreeing = Agreeing(configuration, [*TRUST, *public_keys(key)])
    agreeing.route(Committer(journal, lambda: None))
    stranger = signed(of_holder("holder-c", key, "ZC-1", []), key, CMO)
    (folder / "c.yaml").write_bytes(stranger.octets)
    (folder / f"c.yaml{ENDING}").write_bytes(stranger.note or b"")
    with pytest.raises(AgreementsError, match="holder-c got nothing before; a new holder needs a restart"):
        await agreeing.renew()
    journal.close()


def test_recipients_are_named_or_agreed_not_both(tmp_path: Path) -> None:
    """A configuration that has both, or neither, has a fault."""
    config = configure(tmp_path, SOURCE)
    data = yaml.safe_load(config.read_text())
    changes: list[dict[str, object]] = [{"agreements": "agreements"}, {"recipients": []}]
    for change in changes:
        config.write_text(yaml.safe_dump(data | change))
        with pytest.raises(ConfigurationError, match="give either recipients or agreements"):
            load(config)
