"""Which device stands behind each source: kept beside the journal, so that one replaced while nobody looked is noticed.

What a device says of itself first is learnt. After that only a person accepts another one (F-A4).
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import structlog

from adapters.contract import Recognises

_log = structlog.get_logger(__name__)
Identity = Mapping[str, str]


class NotAcceptedError(Exception):
    """The device cannot be accepted; the message says why, in a line."""


def beside(journal: Path) -> Path:
    """The file of the agent with that journal."""
    return journal.with_name(journal.name + ".identities")


def recall(file: Path, sources: Mapping[str, object]) -> None:
    """Tell each source which device it had, for one who only looks."""
    for name, identity in _read(file).items():
        source = sources.get(name)
        if isinstance(source, Recognises):
            source.recognise(identity)


class Identities:
    """The file and the sources that use it."""

    def __init__(self, file: Path, sources: Mapping[str, object]) -> None:
        """Tell each source which device it had. A file that cannot be read is begun anew: all devices are new then."""
        self._file = file
        self._sources: dict[str, Recognises] = {}
        self._known = _read(file)
        for name, source in sources.items():
            self.join(name, source)

    def join(self, name: str, source: object) -> None:
        """A source, in the place of another one of that name: tell it which device it had."""
        self._sources.pop(name, None)
        if isinstance(source, Recognises):
            self._sources[name] = source
            if name in self._known:
                source.recognise(self._known[name])

    def met(self, name: str) -> None:
        """A connection is made: learn the identity of a device that has none yet."""
        source = self._sources.get(name)
        if source is not None and source.identity and name not in self._known:
            self._keep(name, source.identity)

    def accept(self, name: str) -> Identity:
        """The device that answers now is the one that is meant. Raises NotAcceptedError and OSError."""
        source = self._sources.get(name)
        if source is None:
            raise NotAcceptedError(f"{name!r} is no source of this agent whose device says which one it is")
        identity = dict(source.identity)
        if not identity:
            raise NotAcceptedError(f"the device of {name!r} has not said which one it is")
        if not source.recognise(identity):
            raise NotAcceptedError(f"the configuration of {name!r} says another device; change it there")
        self._keep(name, identity)
        return identity

    def _keep(self, name: str, identity: Identity) -> None:
        known = {**self._known, name: dict(identity)}
        new = self._file.with_name(self._file.name + ".new")
        with new.open("w", encoding="utf-8") as out:
            json.dump(known, out, ensure_ascii=False, indent=1)
            out.flush()
            os.fsync(out.fileno())
        new.replace(self._file)
        self._known = known


def _read(file: Path) -> dict[str, Identity]:
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        return {str(name): {str(key): str(said) for key, said in identity.items()} for name, identity in known.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        _log.warning("identities cannot be read; devices are learnt anew", file=str(file), why=str(error))
        return {}
