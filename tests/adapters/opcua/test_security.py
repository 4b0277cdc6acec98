"""Policies, certificates, users: against a server that checks them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from asyncua import ua
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.crypto.truststore import TrustStore
from asyncua.crypto.validator import CertificateValidator, CertificateValidatorOptions
from asyncua.server.server import Server
from asyncua.server.user_managers import UserManager
from pydantic import ValidationError

from adapters.contract import SourceError
from adapters.opcua import ADAPTER
from adapters.opcua.certificates import CertificateError, Pair, load_pair, make_pair, save_pair
from adapters.opcua.security import SecurityError, check_server, fingerprint
from adapters.opcua.settings import SecuritySettings
from adapters.opcua.source import OpcUaSource
from tests.adapters.opcua.plant import NAMESPACE
from tests.adapters.support import free_port, reading

SERVER_URI = f"{NAMESPACE}:server"
P = ua.SecurityPolicyType
OFFERED = {
    "Basic256Sha256": (P.Basic256Sha256_Sign, P.Basic256Sha256_SignAndEncrypt),
    "Aes128Sha256RsaOaep": (P.Aes128Sha256RsaOaep_Sign, P.Aes128Sha256RsaOaep_SignAndEncrypt),
    "Aes256Sha256RsaPss": (P.Aes256Sha256RsaPss_Sign, P.Aes256Sha256RsaPss_SignAndEncrypt),
}


class Users(UserManager):
    """One user with a password."""

    def get_user(self, iserver: Any, username: Any = None, password: Any = None, certificate: Any = None) -> Any:
        del iserver, certificate  # the application's; another check is for it
        known = (username, password) in {("gateway", "s3cret"), (None, None)}
        return User(role=UserRole.User) if known else None


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with our pair (own.der, own.pem), the server's (server.der, server.pem), and two trust folders."""
    for name, uri in (("own", "urn:cmo-a:line-3"), ("server", SERVER_URI)):
        save_pair(make_pair(uri, name, host="127.0.0.1"), tmp_path / f"{name}.der", tmp_path / f"{name}.pem")
    for folder in ("trust", "clients"):
        (tmp_path / folder).mkdir()
    (tmp_path / "clients" / "own.der").write_bytes((tmp_path / "own.der").read_bytes())
    return tmp_path


@asynccontextmanager
async def server(folder: Path, *policies: ua.SecurityPolicyType) -> AsyncIterator[str]:
    """A server that trusts the certificates in `clients` and knows one user; gives its endpoint."""
    store = TrustStore([folder / "clients"], [])
    await store.load()
    checks = CertificateValidatorOptions.TIME_RANGE | CertificateValidatorOptions.URI
    made = Server(user_manager=Users())
    await made.init()
    endpoint = f"opc.tcp://127.0.0.1:{free_port()}/"
    made.set_endpoint(endpoint)
    await made.set_application_uri(SERVER_URI)
    made.set_security_policy(list(policies) or [one for some in OFFERED.values() for one in some])
    await made.load_certificate(str(folder / "server.der"))
    await made.load_private_key(str(folder / "server.pem"))
    made.set_certificate_validator(CertificateValidator(checks | CertificateValidatorOptions.TRUSTED, store))
    index = await made.register_namespace(NAMESPACE)
    await made.nodes.objects.add_variable(ua.NodeId(ua.String("DP"), ua.Int16(index)), "DP", 12.5)
    await made.start()
    try:
        yield endpoint
    finally:
        await made.stop()


def source(endpoint: str, folder: Path, user: dict[str, str] | None = None, **security: str) -> OpcUaSource:
    given = {"policy": "Basic256Sha256", "certificate": "own.der", "private_key": "own.pem", "trust": "trust"}
    given |= security
    if "fingerprint" in security:
        del given["trust"]
    document = {
        "type": "opcua", "name": "plc", "endpoint": endpoint, "security": given, "publishing_interval": 0.1,
        "silence": 3.0, "timeout": 10, "tags": [{"name": "DP", "node": f"nsu={NAMESPACE};s=DP"}],
    }  # fmt: skip
    settings = ADAPTER.settings.model_validate(document | ({"user": user} if user else {}), context={"folder": folder})
    made = ADAPTER.source(settings)
    assert isinstance(made, OpcUaSource)
    return made


def trust_server(folder: Path) -> None:
    (folder / "trust" / "server.der").write_bytes((folder / "server.der").read_bytes())


async def refused(made: OpcUaSource) -> str:
    with pytest.raises(SourceError) as caught:
        await made.connect()
    await made.close()
    return caught.value.detail


async def test_values_come_over_every_policy_and_mode(own: Path) -> None:
    """The server checks our certificate, and we check the server's."""
    trust_server(own)
    async with server(own) as endpoint:
        for policy, mode in product(OFFERED, ("sign", "sign-and-encrypt")):
            async with reading(source(endpoint, own, policy=policy, mode=mode)) as found:
                assert (await found.value("DP")).value == 12.5


async def test_f10_an_unknown_server_is_put_aside_and_taken_once_trusted(own: Path) -> None:
    """Nothing is trusted by itself; the engineer moves one file."""
    async with server(own) as endpoint:
        detail = await refused(source(endpoint, own))
        (aside,) = (own / "trust" / "rejected").iterdir()
        assert "BadCertificateUntrusted" in detail
        assert aside.stem in detail
        aside.rename(own / "trust" / aside.name)
        async with reading(source(endpoint, own)) as found:
            assert (await found.value("DP")).value == 12.5


async def test_f10_a_pinned_server_that_shows_another_certificate_is_refused(own: Path) -> None:
    """The right fingerprint is enough, the wrong one says both."""
    pinned = fingerprint(load_pair(own / "server.der", own / "server.pem").certificate)
    async with server(own) as endpoint:
        async with reading(source(endpoint, own, fingerprint=pinned)) as found:
            assert (await found.value("DP")).value == 12.5
        detail = await refused(source(endpoint, own, fingerprint="0" * 64))
        assert pinned in detail


async def test_f10_a_server_that_does_not_trust_us_is_named_so(own: Path) -> None:
    """The remedy is at the server."""
    trust_server(own)
    (own / "clients" / "own.der").rename(own / "own-not-trusted.der")
    (own / "clients" / "other.der").write_bytes((own / "server.der").read_bytes())
    async with server(own) as endpoint:
        assert "trust it there" in await refused(source(endpoint, own))


async def test_f10_a_policy_that_is_not_offered_is_not_replaced_by_a_weaker_one(own: Path) -> None:
    """The message tells what is offered."""
    trust_server(own)
    async with server(own, P.NoSecurity, *OFFERED["Aes128Sha256RsaOaep"]) as endpoint:
        detail = await refused(source(endpoint, own))
    assert "BadSecurityPolicyRejected" in detail
    assert "Aes128_Sha256_RsaOaep/SignAndEncrypt" in detail


async def test_f11_a_wrong_password_is_said_and_tried_again_slowly(own: Path) -> None:
    """So that the account is not locked; the right one connects."""
    trust_server(own)
    (own / "password").write_text("wrong\n")
    user = {"name": "gateway", "password_file": "password"}
    async with server(own) as endpoint:
        made = source(endpoint, own, user)
        with pytest.raises(SourceError, match="refuses the user") as caught:
            await made.connect()
        await made.close()
        assert caught.value.pause >= 60
        assert "wrong" not in caught.value.detail
        (own / "password").write_text("s3cret\n")
        async with reading(source(endpoint, own, user)) as found:
            assert (await found.value("DP")).value == 12.5


async def test_a_user_may_show_a_certificate(own: Path) -> None:
    """Its own, not the application's."""
    trust_server(own)
    save_pair(make_pair("urn:user", "user"), own / "user.der", own / "user.pem")
    async with (
        server(own) as endpoint,
        reading(source(endpoint, own, {"certificate": "user.der", "private_key": "user.pem"})) as found,
    ):
        assert (await found.value("DP")).value == 12.5


def pair_of(own: Path) -> Pair:
    return load_pair(own / "server.der", own / "server.pem")


def settings(own: Path, **more: str) -> SecuritySettings:
    given = {"policy": "Basic256Sha256", "certificate": "own.der", "private_key": "own.pem", "trust": "trust"} | more
    return SecuritySettings.model_validate(given, context={"folder": own})


@pytest.mark.parametrize("days", [-1, 6 * 365])
def test_f10_a_certificate_outside_its_time_is_refused_even_if_trusted(own: Path, days: int) -> None:
    """By the agent's clock."""
    trust_server(own)
    with pytest.raises(SecurityError, match="BadCertificateTimeInvalid"):
        check_server(pair_of(own).certificate, settings(own), SERVER_URI, datetime.now(UTC) + timedelta(days=days))


def test_a_self_signed_certificate_is_no_issuer(own: Path) -> None:
    """One in the trust folder makes no other one trusted, whatever name it bears."""
    other = make_pair(SERVER_URI, "server")
    (own / "trust" / "other.der").write_bytes((own / "own.der").read_bytes())
    with pytest.raises(SecurityError, match="BadCertificateUntrusted"):
        check_server(other.certificate, settings(own), SERVER_URI, datetime.now(UTC))


def test_key_files_that_others_can_read_are_refused(own: Path) -> None:
    """With the command that mends it."""
    (own / "own.pem").chmod(0o640)
    with pytest.raises(CertificateError, match="chmod 600"):
        load_pair(own / "own.der", own / "own.pem")


def test_a_key_of_another_certificate_is_refused(own: Path) -> None:
    """Both files are named."""
    with pytest.raises(CertificateError, match=r"server\.pem: is not the key of .*own\.der"):
        load_pair(own / "own.der", own / "server.pem")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"user": {"name": "a"}}, "needs name and password_file"),
        ({"security": "none", "user": {"name": "a", "password_file": "p"}}, "password could be read"),
        ({"security": {"policy": "Basic256Sha256", "certificate": "c", "private_key": "k"}}, "one of them"),
        ({"security": {"policy": "Basic128Rsa15", "certificate": "c", "private_key": "k"}}, "Basic256Sha256"),
    ],
)
def test_settings_that_would_protect_nothing_are_refused(change: dict[str, Any], said: str) -> None:
    """Before anything is sent."""
    security = {"policy": "Basic256Sha256", "certificate": "c", "private_key": "k", "trust": "t"}
    document = {
        "type": "opcua", "name": "plc", "endpoint": "opc.tcp://h:1", "security": security,
        "tags": [{"name": "DP", "node": "i=1"}],
    }  # fmt: skip
    with pytest.raises(ValidationError, match=said):
        ADAPTER.settings.model_validate(document | change)
