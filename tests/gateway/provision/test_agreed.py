"""Whom a broker is to serve is what both parties signed; everything else is a fault with file and line."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from gateway.agreement.signing import ENDING
from gateway.configuration import ConfigurationError, read, validate
from gateway.provision.agreed import check_agreements
from gateway.provision.settings import ProvisionSettings
from tests.support.signed_samples import signed_samples

SAMPLE = Path(__file__).parents[3] / "gateway" / "provision" / "sample.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    signed_samples(tmp_path)
    return tmp_path


NOW = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp()) * 1_000_000


def checked(folder: Path, *, without: str | None = None, now: int = NOW) -> list[str]:
    """What is said of the sample in that folder, less one of its holders."""
    data = yaml.safe_load(SAMPLE.read_text(encoding="utf-8"))
    data["holders"] = [one for one in data["holders"] if one["id"] != without]
    file = folder / "brokers.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    document = read(file)
    try:
        return list(check_agreements(document, validate(document, ProvisionSettings), now))
    except ConfigurationError as error:
        return str(error).splitlines()


def test_the_holders_of_the_signed_agreements_are_served(folder: Path) -> None:
    """The sample as it is."""
    assert checked(folder) == []


def test_a_holder_whose_agreement_is_not_signed_is_refused_with_the_reason(folder: Path) -> None:
    """With the place of its entry."""
    (folder / "agreements" / f"holder-c.yaml{ENDING}").unlink()
    (said,) = checked(folder)
    line = (folder / "brokers.yaml").read_text().splitlines().index("- id: holder-c") + 1
    assert said.startswith(f"{folder / 'brokers.yaml'}:{line}: no agreement that cmo-a and holder-c both signed")
    assert "holder-c.yaml: " in said


def test_a_holder_that_signed_and_is_not_known_to_the_broker_is_missed(folder: Path) -> None:
    """With what to add."""
    (said,) = checked(folder, without="holder-d")
    assert "holder-d of agreement holder-d is missing; add by which user or subject its cluster knows it" in said


def test_a_holder_whose_agreement_has_ended_may_stay_and_may_be_taken_out(tmp_path: Path) -> None:
    """What it was sent stays readable until somebody decides otherwise."""
    signed_samples(tmp_path, until=date(2027, 12, 31))
    later = NOW + int(timedelta(days=500).total_seconds() * 1e6)
    assert "is missing" in checked(tmp_path, without="holder-d")[0]
    assert checked(tmp_path, without="holder-d", now=later) == []
    assert checked(tmp_path, now=later) == []


def test_an_agreement_of_another_manufacturer_counts_for_nobody(folder: Path) -> None:
    """Although both its parties signed it."""
    data = yaml.safe_load(SAMPLE.read_text(encoding="utf-8"))
    file = folder / "brokers.yaml"
    file.write_text(yaml.safe_dump({**data, "cmo": "cmo-z"}), encoding="utf-8")
    document = read(file)
    with pytest.raises(ConfigurationError) as refused:
        check_agreements(document, validate(document, ProvisionSettings), NOW)
    assert [one.message.split(" (")[0] for one in refused.value.findings] == [
        f"no agreement that cmo-z and {holder} both signed" for holder in ("holder-b", "holder-c", "holder-d")
    ]


def test_what_does_not_count_beside_what_does_is_told(folder: Path) -> None:
    """And hinders nothing."""
    (folder / "agreements" / "draft.yaml").write_text("agreement: holder-b\n")
    (said,) = checked(folder)
    assert "draft.yaml: does not count: is no agreement" in said


def test_without_agreements_the_list_alone_counts(tmp_path: Path) -> None:
    """As at a plant that has none in this form yet."""
    data = yaml.safe_load(SAMPLE.read_text(encoding="utf-8"))
    del data["agreements"], data["trust"]
    file = tmp_path / "brokers.yaml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    document = read(file)
    assert check_agreements(document, validate(document, ProvisionSettings), NOW) == ()
