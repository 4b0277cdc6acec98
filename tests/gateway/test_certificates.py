"""When certificates expire, on files that the test makes."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from structlog.testing import capture_logs

from gateway.certificates import Watch, expiries, files_of, first_to_expire
from gateway.link.settings import KafkaSettings
from schemas.settings import Strict
from tests.support.certificates import DAY, Authority

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_the_end_is_read_from_either_encoding(encoding: Encoding) -> None:
    """To the second, with the subject."""
    certificate = Authority("plant").issue("line-3").certificate
    assert first_to_expire(certificate.public_bytes(encoding)) == ("CN=line-3", certificate.not_valid_after_utc)


def test_of_a_chain_the_first_to_expire_counts() -> None:
    """Wherever it stands."""
    plant = Authority("plant")
    chain = [plant.certificate, plant.issue("short", valid=3 * DAY).certificate, plant.issue("long").certificate]
    subject, _ = first_to_expire(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    assert subject == "CN=short"


@pytest.mark.parametrize(
    "octets", [b"", b"no certificate", b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----"]
)
def test_what_is_no_certificate_is_refused(octets: bytes) -> None:
    """As a ValueError."""
    with pytest.raises(ValueError, match=r"."):
        first_to_expire(octets)


def issued(folder: Path, name: str, valid: timedelta) -> Path:
    Authority("plant").issue(name, valid=valid).save(folder, name)
    return folder / f"{name}.pem"


def test_a_certificate_of_no_known_version_is_left_out(tmp_path: Path) -> None:
    """And does not end the program that looks."""
    Authority("Test").issue("line-3").save(tmp_path, "odd")
    octets = x509.load_pem_x509_certificate((tmp_path / "odd.pem").read_bytes()).public_bytes(Encoding.DER)
    version = b"\xa0\x03\x02\x01"
    (tmp_path / "odd.der").write_bytes(octets.replace(version + b"\x02", version + b"\x05", 1))
    with pytest.raises(ValueError, match="version"):
        first_to_expire((tmp_path / "odd.der").read_bytes())
    assert expiries([tmp_path / "odd.der"]) == []


def test_thirty_days_before_the_end_it_is_near(tmp_path: Path) -> None:
    """And over at the end itself; never both."""
    (one,) = expiries([issued(tmp_path, "line-3", 60 * DAY)])
    ends = [one.at - 31 * DAY, one.at - 30 * DAY, one.at - timedelta(seconds=1), one.at, one.at + DAY]
    assert [one.near(moment) for moment in ends] == [False, True, True, False, False]
    assert [one.over(moment) for moment in ends] == [False, False, False, True, True]


def test_settings_name_their_files_however_deep(tmp_path: Path) -> None:
    """Public keys and folders under the same names are none; nor is what cannot be read."""

    class Part(Strict):
        certificate: Path | None = None
        private_key: Path | None = None
        trust: tuple[Path, ...] = ()

    class Whole(Strict):
        parts: tuple[Part, ...]
        clusters: dict[str, KafkaSettings]

    kafka = KafkaSettings(
        bootstrap="k.example:9093", ca_file=Path("ca"), certificate_file=Path("a"), key_file=Path("k")
    )
    parts = (Part(certificate=Path("b"), private_key=Path("p"), trust=(Path("v"),)), Part())
    assert list(files_of(Whole(parts=parts, clusters={"holder-c": kafka}))) == [Path("b"), Path("ca"), Path("a")]
    assert expiries([tmp_path, tmp_path / "nothing"]) == []


async def test_the_watch_counts_and_says_what_ends(tmp_path: Path) -> None:
    """Once a day, and when something changes; a file that was exchanged is well again."""
    files = [issued(tmp_path, name, valid) for name, valid in (("well", 90 * DAY), ("soon", 9 * DAY), ("over", -DAY))]
    clock = [NOW]
    watch = Watch(lambda: files, lambda: clock[0])
    with capture_logs() as said:
        await watch.look()
        await watch.look()
        assert [(line["event"], line["subject"]) for line in said] == [
            ("certificate expired", "CN=over"), ("certificate expires soon", "CN=soon"),
        ]  # fmt: skip
        clock[0] += DAY
        await watch.look()
        assert len(said) == 4
    assert (watch.expiring, watch.expired) == (1, 1)
    assert [(one["subject"], one["days"]) for one in watch.status()] == [
        ("CN=over", -2),
        ("CN=soon", 8),
        ("CN=well", 89),
    ]
    clock[0] += 9 * DAY
    assert (watch.expiring, watch.expired) == (0, 2)
    await asyncio.to_thread(Authority("plant").issue("soon", valid=80 * DAY).save, tmp_path, "again")
    (tmp_path / "again.pem").replace(tmp_path / "soon.pem")
    await watch.look()
    assert (watch.expiring, watch.expired) == (0, 1)
