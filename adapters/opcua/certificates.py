"""Certificate and key files of OPC UA applications and users (X.509; OPC 10000-6, 6.2)."""

import ipaddress
import os
import socket
import stat
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

MAX_FILE = 64 * 1024
"""Longest certificate or key file, in bytes."""
BITS = 2048
"""Shortest key that all policies take and old controllers can compute with (OPC 10000-7: 2048 to 4096)."""
DAYS = 5 * 365


class CertificateError(Exception):
    """A file cannot be used; one line names it, says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its private key; `private_key` is the key as PEM."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    private_key: bytes

    @property
    def application_uri(self) -> str:
        """The application URI in the certificate; empty for a user's."""
        return application_uri(self.certificate) or ""


def der_of(certificate: x509.Certificate) -> bytes:
    """The certificate as it travels."""
    return certificate.public_bytes(Encoding.DER)


def application_uri(certificate: x509.Certificate) -> str | None:
    """The application's URI in its alternative names (OPC 10000-6, 6.2.2); None where there is none."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    return next(iter(names.get_values_for_type(x509.UniformResourceIdentifier)), None)


def load_certificate(path: Path) -> x509.Certificate:
    """A certificate, DER or PEM. Raises CertificateError."""
    octets = _read(path)
    try:
        if octets.lstrip().startswith(b"-----"):
            return x509.load_pem_x509_certificate(octets)
        return x509.load_der_x509_certificate(octets)
    except ValueError as error:
        raise CertificateError(f"{path}: is no certificate; copy it again") from error


def load_pair(certificate: Path, private_key: Path) -> Pair:
    """A certificate with its key, valid today. Raises CertificateError."""
    loaded, now = load_certificate(certificate), datetime.now(UTC)
    if not loaded.not_valid_before_utc <= now <= loaded.not_valid_after_utc:
        raise CertificateError(f"{certificate}: expired on {loaded.not_valid_after_utc:%Y-%m-%d} UTC; make a new one")
    octets = _read(private_key, private=True)
    load = load_pem_private_key if octets.lstrip().startswith(b"-----") else load_der_private_key
    try:
        key = load(octets, None)
    except (ValueError, TypeError) as error:
        raise CertificateError(f"{private_key}: is no private key without a password; copy it again") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise CertificateError(f"{private_key}: is no RSA key, and the policies need one; make a new one")
    if key.public_key() != loaded.public_key():
        raise CertificateError(f"{private_key}: is not the key of {certificate}; name the two that belong together")
    return Pair(loaded, key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def make_pair(uri: str, name: str, *, host: str | None = None) -> Pair:
    """A new self-signed application certificate (OPC 10000-6, 6.2.2) for the machine `host`; this one where None."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin, usage = datetime.now(UTC) - timedelta(hours=1), dict.fromkeys(_USAGES, False)
    for one in ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_cert_sign"):
        usage[one] = True
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri), _host(host or socket.gethostname())]),
            False,
        ),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.KeyUsage(**usage), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=DAYS))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Pair(builder.sign(key, hashes.SHA256()), key, pem)


def save_pair(pair: Pair, certificate: Path, private_key: Path) -> None:
    """Write both files, the key with mode 0600. Raises CertificateError; files that are there stay."""
    for path, octets, mode in ((private_key, pair.private_key, 0o600), (certificate, der_of(pair.certificate), 0o644)):
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(octets)
        except FileExistsError as error:
            raise CertificateError(f"{path}: there is a file already; move it away, or name another") from error
        except OSError as error:
            raise CertificateError(f"{path}: cannot be written ({error.strerror}); make the folder") from error


_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _read(path: Path, *, private: bool = False) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if private and mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise CertificateError(f"{path}: others can read or write it (mode {mode:04o}); run chmod 600 {path}")
            octets = file.read(MAX_FILE + 1)
    except OSError as error:
        raise CertificateError(f"{path}: cannot be read ({error.strerror}); correct the path") from error
    if len(octets) > MAX_FILE:
        raise CertificateError(f"{path}: is too long for a certificate or key")
    return octets
