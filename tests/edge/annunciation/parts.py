"""What stands at a plant to reach people: a Modbus device with coils, a mail server, a server that takes webhooks."""

import asyncio
import json
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from simulators.ports import free_port


class Coils:
    """Unit 1 with coils that can be read (1) and written (5); written by hand, apart from the client's library."""

    def __init__(self) -> None:
        self.on: dict[int, bool] = {}
        self.writes: list[tuple[int, bool]] = []
        self.stuck = False
        """Takes every write, and does nothing."""
        self.refuses = False
        self.conversations: list[asyncio.Task[None]] = []

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.conversations.append(asyncio.ensure_future(self.serve(reader, writer)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readexactly(7)
                pdu = await reader.readexactly(int.from_bytes(head[4:6]) - 1)
                said = self._answer(pdu)
                writer.write(head[:4] + (len(said) + 1).to_bytes(2) + head[6:7] + said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, pdu: bytes) -> bytes:
        function, address = pdu[0], int.from_bytes(pdu[1:3])
        if self.refuses:
            return bytes([function | 0x80, 2])
        if function == 5:
            on = pdu[3:5] == b"\xff\x00"
            self.writes.append((address, on))
            self.on[address] = self.on.get(address, False) if self.stuck else on
            return pdu
        return bytes([function, 1, int(self.on.get(address, False))])


@asynccontextmanager
async def coils(port: int = 0) -> AsyncIterator[tuple[Coils, int]]:
    """The device and its port."""
    device = Coils()
    server = await asyncio.start_server(device.take, "127.0.0.1", port)
    async with server:
        yield device, server.sockets[0].getsockname()[1]
        server.close()
        await asyncio.gather(*device.conversations)  # clients close theirs


class Mailbox:
    """What came, and what the server refuses."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.users: list[str] = []
        self.encrypted: list[bool] = []
        self.refuses = ""
        """What every mail is answered with."""

    async def handle_DATA(self, _: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        if self.refuses:
            return self.refuses
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.encrypted.append(session.ssl is not None)
        return "250 taken"

    def authenticate(self, *said: Any) -> AuthResult:
        data = said[-1]
        good = isinstance(data, LoginPassword) and data.password == b"secret"
        self.users.append(data.login.decode())
        return AuthResult(success=good, handled=False)

    def bodies(self) -> list[str]:
        return [str(mail.get_content()).replace("\r\n", "\n") for mail in self.mails]


@contextmanager
def mail_server(context: ssl.SSLContext | None = None, *, port: int = 0) -> Iterator[tuple[Mailbox, int]]:
    """With STARTTLS demanded where there is a context; then a user is demanded too."""
    box, port = Mailbox(), port or free_port()
    controller = Controller(
        box, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=context is not None,
        authenticator=box.authenticate, auth_required=context is not None,
    )  # fmt: skip
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


class Hook:
    """What was posted: path, headers, body; `answer` is the status."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answer = 202


@contextmanager
def hook_server(context: ssl.SSLContext | None = None) -> Iterator[tuple[Hook, int]]:
    """By https where there is a context."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.posts.append((self.path, dict(self.headers), json.loads(body)))
            self.send_response(hook.answer)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hook, server.server_port
    finally:
        server.shutdown()
        server.server_close()


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of this machine that signs itself (PEM), and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    alternative = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1)).add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    public, private = folder / "server.pem", folder / "server.key"
    public.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context
