"""What devices on a serial line offer to the engineer's commands."""

from urllib.parse import urlsplit

from adapters.serial.settings import LineSettings
from adapters.tools import Port, Tcp, Tools


def reached(settings: LineSettings) -> Tcp | Port:
    """The serial device server, or the serial port with its line settings as pyserial calls them."""
    url = urlsplit(settings.port)
    if url.scheme in {"socket", "rfc2217"}:
        return Tcp(url.hostname or "", url.port or 0, "octets")
    return Port(
        settings.port,
        {
            "baudrate": settings.baud_rate,
            "bytesize": settings.data_bits,
            "parity": settings.parity[0].upper(),
            "stopbits": settings.stop_bits,
            "xonxoff": settings.flow_control == "xon-xoff",
            "rtscts": settings.flow_control == "rts-cts",
        },
    )


def moved(settings: LineSettings, place: Tcp | Port) -> LineSettings:
    """The same device elsewhere; a pseudo-terminal knows eight bits only, and no parity."""
    if isinstance(place, Tcp):
        scheme = urlsplit(settings.port).scheme
        return settings.model_copy(update={"port": f"{scheme}://{place.host}:{place.port}"})
    plain = {"data_bits": 8, "parity": "none", "stop_bits": 1, "flow_control": "none"}
    return settings.model_copy(update={"port": place.path, **plain})


TOOLS = Tools(reached=reached, moved=moved)
