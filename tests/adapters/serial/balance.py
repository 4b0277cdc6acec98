"""A balance on a pseudo-terminal for tests, at a name that stays when the terminal is another one."""

import asyncio
import os
import tty
from collections.abc import Callable
from pathlib import Path

STABLE = b"S S     100.00 g\r\n"


class Balance:
    """Answers SI and I4; `weight` and `serial_number` can be changed, None is silence."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.weight: bytes | Callable[[], bytes | None] | None = STABLE
        self.serial_number: str | None = "B021002593"
        self.asked: list[bytes] = []
        self.late: list[bytes] = []
        self.stalled = False
        self._master = -1
        self._slave = -1

    def plug_in(self) -> None:
        """Make the port appear."""
        self._master, self._slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        self.link.symlink_to(os.ttyname(self._slave))
        asyncio.get_running_loop().add_reader(self._master, self._hear)

    def pull_out(self) -> None:
        """Make the port vanish, under an open connection too."""
        if self._master < 0:
            return
        asyncio.get_running_loop().remove_reader(self._master)
        self.link.unlink()
        os.close(self._slave)
        os.close(self._master)
        self._master = -1

    def say(self, line: bytes) -> None:
        """Send something."""
        os.write(self._master, line)

    def greet(self) -> None:
        """What a balance sends when it is switched on, and after I4."""
        if self.serial_number is not None:
            self.say(f'I4 A "{self.serial_number}"\r\n'.encode())

    def stall(self) -> None:
        """Take commands, but answer them only after `resume`."""
        self.stalled = True

    def resume(self) -> None:
        """Answer all commands in the order in which they came."""
        self.stalled = False
        for command in self.late:
            self._answer(command)
        self.late.clear()

    def _hear(self) -> None:
        for command in os.read(self._master, 1024).split(b"\r\n")[:-1]:
            self.asked.append(command)
            if self.stalled:
                self.late.append(command)
            else:
                self._answer(command)

    def _answer(self, command: bytes) -> None:
        if command == b"I4":
            self.greet()
        elif command == b"SI":
            answer = self.weight() if callable(self.weight) else self.weight
            if answer is not None:
                self.say(answer)
