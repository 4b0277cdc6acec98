"""Serial device servers for tests: a terminal offered over TCP, raw or with RFC 2217 (pyserial's port manager)."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Any, Self

import serial
from serial.rfc2217 import PortManager

_LOOK = 0.05


class _Terminal(serial.Serial):  # type: ignore[misc] # the library has no types
    """A pseudo-terminal has no modem lines, which the port manager wants to set and report."""

    cts = dsr = ri = cd = True

    def _update_rts_state(self) -> None: ...

    def _update_dtr_state(self) -> None: ...


class DeviceServer:
    """Serves one client at a time; threads of its own, as the balance lives in the test's event loop."""

    def __init__(self, terminal: str, *, rfc2217: bool) -> None:
        self._serial = _Terminal(terminal, timeout=_LOOK)
        self._rfc2217 = rfc2217
        self._ending = threading.Event()
        self._client: socket.socket | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_LOOK)
        self._thread = threading.Thread(target=self._serve)

    @property
    def url(self) -> str:
        scheme = "rfc2217" if self._rfc2217 else "socket"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join()
        self._listener.close()
        self._serial.close()

    def throw_out(self) -> None:
        """End the connection of the client, as a server does that is restarted."""
        client = self._client
        assert client is not None
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while not self._ending.is_set():
            with contextlib.suppress(TimeoutError):
                self._client, _ = self._listener.accept()
                with self._client as client:
                    self._talk(client)

    def _talk(self, client: socket.socket) -> None:
        write = threading.Lock()

        class Connection:
            """What the port manager writes its own answers to."""

            def write(self, data: bytes) -> None:
                with write:
                    client.sendall(data)

        manager = PortManager(self._serial, Connection()) if self._rfc2217 else None
        gone = threading.Event()
        reader = threading.Thread(target=self._forward, args=(client, manager, write, gone))
        reader.start()
        client.settimeout(_LOOK)
        while not (self._ending.is_set() or gone.is_set()):
            try:
                data = client.recv(1024)
            except TimeoutError:
                continue
            except OSError:
                break
            if not data:
                break
            self._serial.write(b"".join(manager.filter(data)) if manager else data)
        gone.set()
        reader.join()

    def _forward(self, client: socket.socket, manager: Any, write: threading.Lock, gone: threading.Event) -> None:
        while not gone.is_set():
            if data := self._serial.read(max(1, self._serial.in_waiting)):
                try:
                    with write:
                        client.sendall(b"".join(manager.escape(data)) if manager else data)
                except OSError:
                    gone.set()
