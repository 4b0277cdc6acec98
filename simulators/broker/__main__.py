"""`python -m simulators.broker missing` names what has to be installed; `fetch` brings Kafka's jars into the cache."""

import sys
from contextlib import suppress

import typer

from simulators.broker.errors import BrokerError
from simulators.broker.jars import cache_directory, ensure_jars, jars_directory
from simulators.broker.java import find_java, find_maven


def missing() -> list[str]:
    """What a real Kafka still needs of this machine: `java`, `maven` (only until the jars are fetched)."""
    needs = ["java", "maven"]
    with suppress(BrokerError):
        find_java()
        needs.remove("java")
    with suppress(BrokerError):
        if not jars_directory(cache_directory()).is_dir():
            find_maven()
        needs.remove("maven")
    return needs


def main(arguments: list[str]) -> int:
    """Exit code: 0, 1 where the jars cannot be had, 2 for an unknown command."""
    match arguments:
        case ["missing"]:
            typer.echo(" ".join(missing()))
        case ["fetch"]:
            try:
                ensure_jars()
            except BrokerError as error:
                typer.echo(str(error), err=True)
                return 1
        case _:
            typer.echo(__doc__, err=True)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
