"""By which agreements an agent sends: what it refuses to start with."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from edge.agreeing import Agreeing, AgreementsError
from edge.settings import load
from gateway.agreement.signing import ENDING
from gateway.configuration import ConfigurationError
from tests.edge.running import configure
from tests.gateway.agreement.making import TRUST, agreed, signed

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


def test_recipients_are_named_or_agreed_not_both(tmp_path: Path) -> None:
    """A configuration that has both, or neither, has a fault."""
    config = configure(tmp_path, SOURCE)
    data = yaml.safe_load(config.read_text())
    changes: list[dict[str, object]] = [{"agreements": "agreements"}, {"recipients": []}]
    for change in changes:
        config.write_text(yaml.safe_dump(data | change))
        with pytest.raises(ConfigurationError, match="give either recipients or agreements"):
            load(config)
