"""Who may look at the console, as settings. Secrets come from files."""

import re
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from gateway.access.account import Lockout
from gateway.access.roles import Role
from gateway.link.settings import is_loopback
from schemas.settings import LocalPath, Strict


def _checked_address(given: str) -> str:
    parts = urlsplit(given)
    local = is_loopback(parts.hostname or "")
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an address like https://console.holder-b.example")
    if parts.scheme == "http" and not local:
        raise ValueError("http is accepted on loopback only; write https")
    return given.rstrip("/")


class ProviderSettings(Strict):
    """An OpenID Connect provider: authorization code with PKCE. What it says is verified; TLS too."""

    issuer: str = Field(description="Its issuer, as in its discovery document.", examples=["https://id.example/realm"])
    client: str = Field(description="Client id of this console at the provider.")
    secret_file: LocalPath = Field(description="File that holds the client's secret. Relative to this file.")
    ca_file: LocalPath | None = Field(None, description="Trusted certificates (PEM); the system's where left out.")
    scopes: tuple[str, ...] = Field(("openid", "profile"), description="What is asked for.")
    name_claim: str = Field("name", description="Claim that has the person's name, as it stands in records.")
    claim: str = Field("groups", description="Claim that has the person's groups.")
    roles: dict[str, Role] = Field(
        min_length=1,
        description="Role of each group. Whoever is in groups of roles that nobody may hold together is refused. "
        "Inspectors have local accounts, with a scope and an end.",
    )

    _issuer = field_validator("issuer")(_checked_address)

    @field_validator("roles")
    @classmethod
    def _no_inspectors(cls, given: dict[str, Role]) -> dict[str, Role]:
        if Role.INSPECTOR in given.values():
            raise ValueError("an inspector's access has a scope and an end: make a local account for each")
        return given

    @field_validator("scopes")
    @classmethod
    def _words(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in given or not all(re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", one) for one in given):
            raise ValueError("must be words, with openid among them")
        return given


class AccessSettings(Strict):
    """Who may look at the console: local accounts, made by `cmo-gateway user`, or persons of a provider."""

    accounts: LocalPath = Field(
        "accounts.sqlite",
        validate_default=True,
        description="File of the local accounts; made when missing, for its owner alone. Relative to this file.",
    )
    log: LocalPath = Field(
        "access.journal",
        validate_default=True,
        description="Journal of who looked at what and of what its persons say; made when missing. Relative to this "
        "file.",
    )
    address: str | None = Field(
        None,
        description="Address by which browsers reach the console, where a proxy stands before it; also what a provider "
        "leads back to.",
        examples=["https://console.holder-b.example"],
    )
    idle_minutes: float = Field(30.0, gt=0, description="After so long without a click a session is over.")
    absolute_hours: float = Field(12.0, gt=0, description="After so long a session is over whatever is done.")
    failures: int = Field(
        5,
        ge=1,
        description="Wrong passwords in a row after which an account is locked for a time. Browsers in which its "
        "person signed in before are counted, and locked, each for itself.",
    )
    lock_minutes: float = Field(15.0, gt=0, description="How long it is locked.")
    provider: ProviderSettings | None = Field(None, description="Persons sign in at this provider too.")

    _address = field_validator("address")(lambda given: None if given is None else _checked_address(given))

    @property
    def lockout(self) -> Lockout:
        """When an account is locked."""
        return Lockout(self.failures, self.lock_minutes * 60)
