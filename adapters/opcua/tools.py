"""What OPC UA offers to the engineer's commands."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit, urlunsplit

from adapters.opcua.browsing import browse
from adapters.opcua.certificates import CertificateError, make_pair, save_pair
from adapters.opcua.security import fingerprint
from adapters.opcua.settings import OpcUaSettings
from adapters.tools import Certified, Port, Tcp, ToolError, Tools

_PORT = 4840
_HEADER = 8
_SEQUENCE = 16
"""Octets before the sequence header of a MSG or CLO chunk (OPC 10000-6, 6.7.2)."""


def certify(settings: OpcUaSettings, uri: str, name: str) -> Certified:
    """The pair that `security` names. Raises ToolError; nothing is overwritten."""
    security = settings.security
    if security == "none":
        raise ToolError(f"{settings.name}: has security none; name policy, certificate and private_key there first")
    for path in (security.certificate, security.private_key):
        if path.exists():
            raise ToolError(f"{path}: there is a file already; move it away, or name another in the configuration")
    pair = make_pair(uri, name)
    try:
        save_pair(pair, security.certificate, security.private_key)
    except CertificateError as error:
        raise ToolError(str(error)) from error
    return Certified(security.certificate, security.private_key, uri, fingerprint(pair.certificate))


def reached(settings: OpcUaSettings) -> Tcp:
    """Host and port of the endpoint. Raises ToolError where the octets would say nothing."""
    if settings.security != "none":
        raise ToolError(f"{settings.name}: a protected connection cannot be recorded; take security none for it")
    url = urlsplit(settings.endpoint)
    return Tcp(url.hostname or "", url.port or _PORT, "opc-ua")


def moved(settings: OpcUaSettings, place: Tcp | Port) -> OpcUaSettings:
    """The same endpoint at another host and port."""
    if isinstance(place, Port):
        raise ToolError(f"{settings.name}: OPC UA is spoken over TCP")
    url = urlsplit(settings.endpoint)
    endpoint = urlunsplit(url._replace(netloc=f"{place.host}:{place.port}"))
    return settings.model_copy(update={"endpoint": endpoint})


def dissect(octets: bytes) -> Iterable[str]:
    """Type and size of each chunk, with sequence number and request id where they stand open (OPC 10000-6, 7.1.2)."""
    at = 0
    while at < len(octets):
        size = int.from_bytes(octets[at + 4 : at + 8], "little")
        chunk = octets[at : at + max(size, _HEADER)]
        kind = chunk[:3].decode("ascii", errors="replace")
        if size < _HEADER or len(chunk) < size:
            yield f"{kind}: {len(octets) - at} octets that are no whole chunk"
            return
        yield f"{kind}{chr(chunk[3])} {size} octets" + "".join(_numbers(kind, chunk))
        at += size


def _numbers(kind: str, chunk: bytes) -> Iterator[str]:
    if kind in {"MSG", "CLO"} and len(chunk) >= _SEQUENCE + 8:
        sequence, request = (int.from_bytes(chunk[at : at + 4], "little") for at in (_SEQUENCE, _SEQUENCE + 4))
        yield f", sequence {sequence}, request {request}"


TOOLS = Tools(browse=browse, certify=certify, reached=reached, moved=moved, dissect=dissect)
