"""A real Apache Kafka that refuses whom nothing was allowed, and the certificates of who comes to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.link.settings import KafkaSettings
from simulators.broker import KafkaBroker
from simulators.broker.properties import HOST
from simulators.broker.security import Security
from simulators.ports import free_port
from tests.support.certificates import DAY, Authority
from tests.support.kafka import started

ADMINISTRATOR = "admin"


@dataclass(frozen=True)
class SecureKafka:
    """The broker, its folder of secrets, and the authority that it trusts."""

    broker: KafkaBroker
    security: Security
    folder: Path
    authority: Authority

    @property
    def by_certificate(self) -> str:
        """`host:port` where a certificate is asked for."""
        return f"{HOST}:{self.security.certificate_port}"

    def scram(self, user: str, password_file: Path) -> KafkaSettings:
        """A client with a password."""
        return KafkaSettings(
            bootstrap=self.broker.bootstrap, security="sasl-tls", ca_file=self.folder / "ca.pem", user=user,
            password_file=password_file,
        )  # fmt: skip

    def administrator(self) -> KafkaSettings:
        """The user that may do everything."""
        return self.scram(ADMINISTRATOR, self.folder / "admin.password")

    def certificate(self, name: str, *, by: Authority | None = None, valid: timedelta = 30 * DAY) -> KafkaSettings:
        """A client with a new certificate for `CN=name`, of the trusted authority unless `by` another."""
        folder = self.folder / f"{name}-{by is None}-{valid.days}"
        folder.mkdir(exist_ok=True)
        (by or self.authority).issue(name, valid=valid).save(folder, name)
        return KafkaSettings(
            bootstrap=self.by_certificate, security="tls", ca_file=self.folder / "ca.pem",
            certificate_file=folder / f"{name}.pem", key_file=folder / f"{name}.key",
        )  # fmt: skip


@pytest.fixture(scope="module")
def secure_kafka(kafka_ready: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    """A broker for the tests of one file: who is let in is theirs to say."""
    folder = tmp_path_factory.mktemp("secure-kafka")
    authority = Authority("plant")
    authority.issue("broker").save(folder, "broker")
    store = folder / "store.pem"
    store.write_text((folder / "broker.key").read_text() + (folder / "broker.pem").read_text())
    (folder / "admin.password").write_text("a-password-of-a-test\n")
    security = Security(store, folder / "ca.pem", "CN=broker", free_port(), ADMINISTRATOR, "a-password-of-a-test")
    broker = started(folder / "kafka", security, within=180)  # TLS costs it a third more
    try:
        yield SecureKafka(broker, security, folder, authority)
    finally:
        broker.stop()
