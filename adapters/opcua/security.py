"""Who the server is, who we are, who the user is (OPC 10000-4, 6.1; policies of OPC 10000-7).

A server is trusted by the fingerprint of its certificate, or by a folder that holds its certificate or its issuer's.
Nothing is trusted by itself, and nothing falls back to a weaker policy: an unknown certificate is put aside in the
folder's `rejected`, where an engineer can compare it with what the device shows.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from asyncua import ua
from asyncua.client.client import Client
from asyncua.crypto.security_policies import (
    SecurityPolicy,
    SecurityPolicyAes128Sha256RsaOaep,
    SecurityPolicyAes256Sha256RsaPss,
    SecurityPolicyBasic256Sha256,
)
from asyncua.crypto.uacrypto import CertProperties
from asyncua.ua.uaerrors import UaError
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.opcua.certificates import CertificateError, application_uri, der_of, load_certificate, load_pair
from adapters.opcua.settings import OpcUaSettings, SecuritySettings, UserSettings

POLICIES: dict[str, type[SecurityPolicy]] = {
    "Basic256Sha256": SecurityPolicyBasic256Sha256,
    "Aes128Sha256RsaOaep": SecurityPolicyAes128Sha256RsaOaep,
    "Aes256Sha256RsaPss": SecurityPolicyAes256Sha256RsaPss,
}
MODES = {"sign": ua.MessageSecurityMode.Sign, "sign-and-encrypt": ua.MessageSecurityMode.SignAndEncrypt}
REJECTED = 50
"""Certificates that are kept aside at most."""


REMEDIES = {
    "BadSecurityChecksFailed": "the server does not trust our certificate; trust it there",
    "BadCertificateUntrusted": "the server does not trust our certificate; trust it there",
    "BadCertificateTimeInvalid": "our certificate is not valid by the server's clock; make a new one, or set the clock",
    "BadCertificateUriInvalid": "the server misses the application URI in our certificate; make a new one",
    "BadUserAccessDenied": "the server refuses the user; correct user and password_file",
    "BadIdentityTokenRejected": "the server refuses the user; correct user and password_file",
    "BadIdentityTokenInvalid": "the server does not take users of this kind; set another user, or none",
    "BadTooManySessions": "the server has no session left; end others there",
    "BadSecurityPolicyRejected": "the server does not offer this policy; set security to one that it offers",
    "BadSecurityModeRejected": "the server does not offer this mode; set security to one that it offers",
}
"""StatusCodes with which servers refuse a session, and what to do."""


COUNTED = {"BadUserAccessDenied", "BadIdentityTokenRejected", "BadIdentityTokenInvalid"}
LOCKOUT = 300.0
"""Seconds between two attempts with a user that was refused."""


class SecurityError(Exception):
    """The connection may not be made; one line says why, with the StatusCode's name, and what to do."""


@dataclass(frozen=True, slots=True)
class _Offered:
    """What the server says of itself before anything is protected: to be believed only after its certificate is."""

    endpoints: Sequence[ua.EndpointDescription]

    def matching(self, policy: str, mode: ua.MessageSecurityMode) -> ua.EndpointDescription:
        for endpoint in self.endpoints:
            if endpoint.SecurityPolicyUri == policy and endpoint.SecurityMode == mode:
                return endpoint
        raise SecurityError(
            f"BadSecurityPolicyRejected: the server offers {self}; set security to one of these, or enable yours there"
        )

    def __str__(self) -> str:
        each = {f"{e.SecurityPolicyUri.rpartition('#')[2]}/{e.SecurityMode.name}" for e in self.endpoints}
        return ", ".join(sorted(each)) or "no endpoint"


async def secure(client: Client, settings: OpcUaSettings) -> None:
    """Make the client ready to connect as the settings ask. Raises SecurityError, OSError, UaError."""
    if settings.security != "none":
        await _protect(client, settings.security)
    if settings.user is not None:
        await asyncio.to_thread(_identify, client, settings.user)


async def _protect(client: Client, settings: SecuritySettings) -> None:
    try:
        pair = await asyncio.to_thread(load_pair, settings.certificate, settings.private_key)
    except CertificateError as error:
        raise SecurityError(str(error)) from error
    client.application_uri = pair.application_uri  # a server refuses another one than the certificate's
    policy, mode = POLICIES[settings.policy], MODES[settings.mode]
    offered = _Offered(await client.connect_and_get_server_endpoints())
    endpoint = offered.matching(policy.URI, mode)
    certificate = _first(endpoint.ServerCertificate)
    await asyncio.to_thread(check_server, certificate, settings, endpoint.Server.ApplicationUri, datetime.now(UTC))
    await client.set_security(
        policy,
        certificate=CertProperties(der_of(pair.certificate), "der"),
        private_key=CertProperties(pair.private_key, "pem"),
        server_certificate=CertProperties(der_of(certificate), "der"),
        mode=mode,
    )


def _first(octets: bytes | None) -> x509.Certificate:
    """The server's own certificate; what follows it is its chain (OPC 10000-6, 6.2.3)."""
    if not octets or len(octets) < 4:
        raise SecurityError("BadCertificateInvalid: the server shows no certificate; give it one")
    length = int.from_bytes(octets[2:4], "big") + 4
    try:
        return x509.load_der_x509_certificate(octets[:length])
    except ValueError as error:
        raise SecurityError(f"BadCertificateInvalid: the server's certificate cannot be read: {error}") from error


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate (DER), 64 hex digits."""
    return sha256(der_of(certificate)).hexdigest()


def check_server(certificate: x509.Certificate, settings: SecuritySettings, uri: str | None, now: datetime) -> None:
    """Raise SecurityError unless this certificate is pinned, or trusted by the folder. `now` is UTC."""
    print_ = fingerprint(certificate)
    name = certificate.subject.rfc4514_string()
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        span = f"{certificate.not_valid_before_utc:%Y-%m-%d} to {certificate.not_valid_after_utc:%Y-%m-%d} UTC"
        raise SecurityError(f"BadCertificateTimeInvalid: the server's certificate ({name}) is valid from {span}")
    if settings.fingerprint is not None:
        if print_ != settings.fingerprint:
            raise SecurityError(
                f"BadCertificateUntrusted: the server's certificate ({name}) has the fingerprint {print_}, not the one "
                "that is set; find out why it changed before you set the new one"
            )
        return
    trusted = _trusted(settings.trust) if settings.trust else []
    if any(fingerprint(one) == print_ for one in trusted):
        return
    if not any(_issued(certificate, issuer) for issuer in trusted):
        _put_aside(certificate, settings)
        raise SecurityError(
            f"BadCertificateUntrusted: the server's certificate ({name}, SHA-256 {print_}) is not trusted; compare the "
            f"fingerprint at the device, then move the file from {settings.trust}/rejected into {settings.trust}"
        )
    if uri != application_uri(certificate):
        raise SecurityError(
            f"BadCertificateUriInvalid: the server calls itself {uri}, its certificate {application_uri(certificate)}"
        )


def _trusted(folder: Path) -> list[x509.Certificate]:
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".der", ".pem", ".crt", ".cer"})
        return [load_certificate(path) for path in files]
    except (OSError, CertificateError) as error:
        raise SecurityError(f"trust folder {folder}: {error}") from error


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature):
        return False
    return constraints.ca


def _put_aside(certificate: x509.Certificate, settings: SecuritySettings) -> None:
    """For the engineer to look at; a server that shows new ones for ever does not fill the disk."""
    if settings.trust is None:
        return
    folder = settings.trust / "rejected"
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
        if len(list(folder.iterdir())) < REJECTED:
            (folder / f"{fingerprint(certificate)}.der").write_bytes(certificate.public_bytes(Encoding.DER))


def _identify(client: Client, user: UserSettings) -> None:
    """Say who the user is: name and password, or certificate."""
    if user.name is not None and user.password_file is not None:
        client.set_user(user.name)
        try:
            client.set_password(user.password_file.read_text(encoding="utf-8").rstrip("\r\n"))
        except (OSError, UnicodeDecodeError) as error:
            raise SecurityError(f"password file {user.password_file}: {error}") from error
    elif user.certificate is not None and user.private_key is not None:
        try:
            pair = load_pair(user.certificate, user.private_key)
        except CertificateError as error:
            raise SecurityError(str(error)) from error
        client.user_certificate, client.user_private_key = pair.certificate, pair.key


def refusal(error: UaError) -> tuple[str, float]:
    """What a server's refusal means, with the StatusCode's name and what to do; and seconds until it is asked again.

    The pause is long where servers count attempts and lock the account.
    """
    code = getattr(error, "code", None)
    name = ua.StatusCode(ua.UInt32(code)).name if isinstance(code, int) else type(error).__name__
    remedy = REMEDIES.get(name)
    return f"{name}: {remedy}" if remedy else str(error) or name, LOCKOUT if name in COUNTED else 0.0
