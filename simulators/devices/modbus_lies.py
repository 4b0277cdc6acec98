"""What a Modbus device or its line can do wrong, by name (F20 to F33). No I/O."""

import struct
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from simulators.devices.modbus_frames import Asked, Framing, framed

LIES = {
    "acknowledge": "exception 5: needs longer (F20)",
    "busy": "exception 6 (F20)",
    "busy-once": "exception 6, but an answer when asked again (F20)",
    "gateway-no-path": "exception 10 (F20)",
    "gateway-no-answer": "exception 11 (F20)",
    "late-answer": "each answer comes `late` seconds after its request (F21, F22)",
    "one-behind": "each request is answered with the answer to the one before (F21, F22)",
    "wrong-transaction": "another transaction number; TCP only (F22)",
    "wrong-function": "another function code, with as many registers (F23)",
    "wrong-unit": "another unit answers (F23)",
    "fewer-registers": "one register, or eight bits, less than asked for, well-formed (F23)",
    "bad-checksum": "one bit of the checksum, or on TCP of the length, turned over (F24)",
    "half-frame": "the second half of each answer is lost (F24)",
    "noise": "octets before each answer (F24)",
    "echo": "the line gives back each request before the answer (F24)",
    "swapped-words": "registers of an answer in pairs, the low word first (F25)",
    "torn": "32 bits of which the halves are of two moments, unless read at once (F26)",
    "no-value": "every register holds 0x8000 (F27)",
    "counter-reset": "the counter begins anew at 0, once for each switching on (F28)",
    "counter-wrap": "the counter stands before its highest number, once for each switching on (F28)",
    "sensor-fault": "the device's own status says bad, while the values look fine (F29)",
    "second-master": "somebody else moves the record index and reads, after each request (F30)",
    "one-connection": "a second connection throws out the first; TCP only (F31)",
    "drop-idle": "the connection is closed after each answer; TCP only (F31)",
    "silent": "no answer (F32)",
    "off-by-one": "every address gives its neighbour's content (F33)",
}
TCP_ONLY = frozenset({"wrong-transaction", "one-connection", "drop-idle"})
OF_A_TRANSMITTER = frozenset({"torn", "no-value", "counter-reset", "counter-wrap"})
OF_A_COUNTER = frozenset({"second-master"})
"""These are lies of the registers, which only that device can tell."""
_EXCEPTIONS = {"acknowledge": 5, "busy": 6, "gateway-no-path": 10, "gateway-no-answer": 11}
_READS = frozenset({1, 2, 3, 4})
NOISE = b"\x00\xff\x13"


@dataclass
class Liar:
    """Twists the answers of a server. `lies` are those switched on."""

    framing: Framing
    lies: set[str] = field(default_factory=set)
    _before: bytes | None = None
    _refused: bytes = b""

    def asked(self, asked: Asked) -> Asked:
        """What the device takes the request for."""
        if "off-by-one" not in self.lies or asked.pdu[0] not in _READS or len(asked.pdu) != 5:
            return asked
        function, address, count = struct.unpack(">BHH", asked.pdu)
        return replace(asked, pdu=struct.pack(">BHH", function, (address + 1) & 0xFFFF, count))

    def said(self, asked: Asked, pdu: bytes) -> bytes:
        """What stands on the wire instead of a right answer; empty for nothing."""
        lies = self.lies
        if "silent" in lies:
            return b""
        pdu = self._refusal(asked) or _twisted(pdu, lies)
        if "one-behind" in lies:
            self._before, pdu = pdu, self._before or pdu
        unit = asked.unit ^ 1 if "wrong-unit" in lies else asked.unit
        transaction = asked.transaction ^ 0x5555 if "wrong-transaction" in lies else asked.transaction
        wire = framed(self.framing, Asked(unit, pdu, transaction), pdu)
        return self._spoilt(wire, asked)

    def _refusal(self, asked: Asked) -> bytes:
        for lie, code in _EXCEPTIONS.items():
            if lie in self.lies:
                return bytes([asked.pdu[0] | 0x80, code])
        if "busy-once" in self.lies and self._refused != asked.pdu:
            self._refused = asked.pdu
            return bytes([asked.pdu[0] | 0x80, 6])
        self._refused = b""
        return b""

    def _spoilt(self, wire: bytes, asked: Asked) -> bytes:
        lies = self.lies
        if "bad-checksum" in lies:
            at = 5 if self.framing == "tcp" else -3 if self.framing == "ascii" else -1
            turned = bytes([wire[at] ^ 1])
            wire = wire[:at] + turned + (wire[at + 1 :] if at != -1 else b"")
        if "half-frame" in lies:
            wire = wire[: len(wire) // 2]
        if "noise" in lies:
            wire = NOISE + wire
        return framed(self.framing, asked, asked.pdu) + wire if "echo" in lies else wire


def _twisted(pdu: bytes, lies: AbstractSet[str]) -> bytes:
    """The answer of another kind than asked for, well-formed."""
    if pdu[0] not in _READS:
        return pdu
    size = 2 if pdu[0] in {3, 4} else 1
    if "fewer-registers" in lies and pdu[1] >= size:
        pdu = bytes([pdu[0], pdu[1] - size]) + pdu[2:-size]
    if "swapped-words" in lies and pdu[0] in {3, 4}:
        pdu = pdu[:2] + b"".join(pdu[at + 2 : at + 4] + pdu[at : at + 2] for at in range(2, len(pdu), 4))
    if "wrong-function" in lies:
        pdu = bytes([pdu[0] ^ 7 if pdu[0] in {3, 4} else pdu[0] ^ 3]) + pdu[1:]
    return pdu
