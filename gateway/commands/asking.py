"""What a command asks an archive: the file itself, or the node that has it open, which gives the same."""

import json
from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from fastapi.encoders import jsonable_encoder

from gateway.archive.archive import Archive, ArchiveError
from gateway.commands.arguments import refuse
from gateway.console.serving import bracketed
from gateway.settings import NodeConfiguration

WITHIN = 60.0
"""Seconds in which a running node answers."""


def asked(configuration: NodeConfiguration, ask: Callable[[Archive], object], path: str) -> Any:
    """The answer as JSON has it: out of the archive, or of the node that has it open."""
    if not configuration.archive.exists():
        refuse(f"archive {configuration.archive} is not there; the node makes it when it runs")
    try:
        archive = Archive(configuration.archive)
    except ArchiveError as error:
        return _of_node(configuration, path, error)
    with closing(archive):
        return jsonable_encoder(ask(archive))


def _of_node(configuration: NodeConfiguration, path: str, locked: ArchiveError) -> Any:
    console = configuration.settings.console
    address = f"http://{bracketed(console.host)}:{console.port}{path}"
    try:
        with urlopen(address, timeout=WITHIN) as answer:
            return json.load(answer)
    except HTTPError as error:
        if error.code == HTTPStatus.NOT_FOUND:
            return []
        raise ArchiveError(f"{locked}; the node at {address} says {error.code}") from error
    except (URLError, TimeoutError, ValueError) as error:
        raise ArchiveError(f"{locked}; nor does a node answer at {address}") from error
