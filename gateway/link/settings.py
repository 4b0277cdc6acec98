"""How to reach Kafka. Secrets come from files, never from the configuration itself."""

import ipaddress
import ssl
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from schemas.settings import Strict

METADATA_MS = 30_000
"""How old the client's list of brokers may be. One that started while the others were away knows only those it saw:
after five minutes, the library's own limit, it may know none that lives."""


class KafkaSettings(Strict):
    """One Kafka cluster."""

    bootstrap: str = Field(description="Comma-separated host:port of brokers.", examples=["127.0.0.1:9092"])
    security: Literal["plaintext", "tls", "sasl-tls"] = Field(
        "tls", description="`plaintext` is accepted towards loopback only."
    )
    ca_file: Path | None = Field(None, description="Trusted certificates (PEM); the system's where left out.")
    certificate_file: Path | None = Field(None, description="Own certificate for mTLS (PEM).")
    key_file: Path | None = Field(None, description="Private key of the own certificate (PEM).")
    user: str | None = Field(None, description="User of SASL/SCRAM-SHA-512.")
    password_file: Path | None = Field(None, description="File that holds the user's password.")

    @model_validator(mode="after")
    def _complete(self) -> "KafkaSettings":
        for server in self.bootstrap.split(","):
            host, colon, port = server.strip().rpartition(":")
            if not colon or not port.isdigit():
                raise ValueError(f"bootstrap: {server.strip()!r} is not host:port")
            if self.security == "plaintext" and not is_loopback(host):
                raise ValueError(f"security: plaintext is for loopback only; {host} needs tls or sasl-tls")
        if self.security == "sasl-tls" and (self.user is None or self.password_file is None):
            raise ValueError("security: sasl-tls needs user and password_file")
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file belong together")
        return self

    def client_options(self, client: str | None = None) -> dict[str, Any]:
        """Keyword arguments of an aiokafka client; `client` is its id. Raises OSError that names the file at fault."""
        options: dict[str, Any] = {"bootstrap_servers": self.bootstrap, "metadata_max_age_ms": METADATA_MS}
        if client is not None:
            options["client_id"] = client
        if self.security == "plaintext":
            return options
        options |= {"security_protocol": "SSL", "ssl_context": self._context()}
        if self.security == "sasl-tls" and self.password_file:
            try:
                password = self.password_file.read_text(encoding="utf-8").strip()
            except UnicodeDecodeError as error:
                raise OSError(f"{self.password_file}: is not UTF-8 text") from error
            options |= {
                "security_protocol": "SASL_SSL",
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": self.user,
                "sasl_plain_password": password,
            }
        return options

    def _context(self) -> ssl.SSLContext:
        """What of TLS is to be verified, and by what."""
        for file in (self.ca_file, self.certificate_file, self.key_file):
            if file is not None:
                file.open("rb").close()  # the errors of TLS do not name it
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except ssl.SSLError as error:
            raise OSError(f"{self.ca_file}: holds no certificates (PEM)") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate_file:
            try:
                context.load_cert_chain(self.certificate_file, self.key_file)
            except ssl.SSLError as error:
                pair = f"{self.certificate_file} and {self.key_file}"
                raise OSError(f"{pair}: are no certificate and its key (PEM): {error.reason}") from error
        return context


def is_loopback(host: str) -> bool:
    """Whether a host, by name or address, is this machine itself."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
