"""Why a broker that is there lets nobody in. The client itself says only that it found no broker."""

import asyncio
import ssl
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaConnectionError, SaslAuthenticationFailed
from aiokafka.protocol.metadata import MetadataRequest

from gateway.link.admin import TIMEOUT_MS
from gateway.link.faults import CLIENT_FAULTS, told
from gateway.link.settings import KafkaSettings

PATIENCE_MS = TIMEOUT_MS
_TAKEN = ("ssl_context", "security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password")


async def reason(kafka: KafkaSettings, error: BaseException) -> str:
    """The fault in a line; of a secured broker that could not be entered also why, and what to do.

    It knocks once more at the first broker: only a connection of its own tells what happened to it.
    """
    if kafka.security == "plaintext" or not isinstance(error, KafkaConnectionError):
        return told(error)
    host, _, port = kafka.bootstrap.split(",")[0].strip().rpartition(":")
    try:
        given = kafka.client_options()
        options: dict[str, Any] = {name: given[name] for name in _TAKEN if name in given}
        async with asyncio.timeout(PATIENCE_MS / 1000):
            connection = await create_conn(host.strip("[]"), int(port), request_timeout_ms=PATIENCE_MS, **options)
            try:  # who is asked for a name only after TLS is sent away at the first question
                await connection.send(MetadataRequest([]))
            finally:
                connection.close()
    except CLIENT_FAULTS as fault:
        return _advice(kafka, fault)
    return told(error)


def _advice(kafka: KafkaSettings, fault: BaseException) -> str:
    match fault:
        case SaslAuthenticationFailed():
            return f"the broker refuses user {kafka.user} or its password: check user and password_file"
        case ssl.SSLCertVerificationError():
            return f"the broker's certificate is not trusted ({fault.verify_message}): check ca_file and bootstrap"
        case ssl.SSLError() | KafkaConnectionError() | ConnectionResetError():
            own = "certificate_file (is it expired, or of another authority?)"
            if kafka.certificate_file is None:
                own = "whether it wants a certificate_file or a user"
            return f"the broker ends the connection ({told(fault)}): check security, the port, and {own}"
        case _:
            return told(fault)
