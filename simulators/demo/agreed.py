"""The quality agreements of the demo: signed at its start, and what agent and nodes are told of them.

The signatories' keys are those of the samples, whose private side everybody knows.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

_KEY = re.compile(r'"((?P<name>[a-z0-9-]+/signatory/[a-z0-9-]+)\+(?P<id>[0-9a-f]{8})\+(?P<octets>[^"]+))"')


def write_keys(agreement: Path, folder: Path) -> list[tuple[Path, Path]]:
    """Private and public key file of each signatory that an agreement lists."""
    made = []
    for found in _KEY.finditer(agreement.read_text(encoding="utf-8")):
        private = folder / f"{found['name'].replace('/', '-')}.key"
        public = private.with_suffix(".vkey")
        octets = b64decode(found["octets"])[:1] + sha256(found["name"].encode()).digest()
        private.touch(mode=0o600)
        private.write_text(f"PRIVATE+KEY+{found['name']}+{found['id']}+{b64encode(octets).decode()}\n")
        public.write_text(f"{found[1]}\n")
        made.append((private, public))
    return made


def change(file: Path, into: Path, drop: Iterable[str] = (), **settings: Any) -> None:
    """A copy of a configuration without some of its settings and with others; more trust is added to what it has."""
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    trust = [*data["trust"], *settings.pop("trust", ())]
    kept = {name: value for name, value in data.items() if name not in drop}
    into.write_text(yaml.safe_dump({**kept, **settings, "trust": trust}, allow_unicode=True), encoding="utf-8")
