"""How a broker asks who comes, and refuses whom nothing was allowed: TLS with certificates or SCRAM, ACLs. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Security:
    """A broker that speaks nothing but TLS: its usual port wants SCRAM-SHA-512, another one certificates.

    It reaches itself by its own certificate. `administrator` is a user that may do everything, there from the start.
    """

    store: Path
    """Its key (PKCS 8) and its certificate, in one PEM file."""
    trusted: Path
    """Authorities of clients' certificates, and of its own (PEM)."""
    subject: str
    """The subject of its own certificate, as `CN=broker`."""
    certificate_port: int
    administrator: str
    password: str

    @property
    def format_options(self) -> tuple[str, ...]:
        """What a new data directory is told besides its cluster."""
        return ("--add-scram", f"SCRAM-SHA-512=[name={self.administrator},password={self.password}]")


def secured(given: Mapping[str, str | int], security: Security, host: str) -> dict[str, str | int]:
    """The settings of a broker without security, made secure (Kafka 4.3 documentation, "Security")."""
    listener, controller = given["inter.broker.listener.name"], given["controller.listener.names"]
    own, certificates = f"{listener}".lower(), f"CERTIFICATES://{host}:{security.certificate_port}"
    login = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    return {
        **given,
        "listeners": f"{given['listeners']},{certificates}",
        "advertised.listeners": f"{given['advertised.listeners']},{certificates}",
        "listener.security.protocol.map": f"{listener}:SASL_SSL,CERTIFICATES:SSL,{controller}:SSL",
        "inter.broker.listener.name": "CERTIFICATES",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        f"listener.name.{own}.scram-sha-512.sasl.jaas.config": login,
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(security.store),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(security.trusted),
        "listener.name.certificates.ssl.client.auth": "required",
        f"listener.name.{controller}.ssl.client.auth".lower(): "required",
        # It is not killed, so nothing waits for its session; one that stands still for some seconds stays a member.
        "broker.session.timeout.ms": 60_000,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"User:{security.subject};User:{security.administrator}",
    }
