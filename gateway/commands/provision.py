"""`cmo-gateway provision`: topics, access rules, users and quotas at the brokers."""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.arguments import refuse
from gateway.configuration import ConfigurationError, read, validate
from gateway.link.governing import governing, open_to_all, principal_of
from gateway.link.whole import UnreachableError
from gateway.proof.keys import KeyFileError
from gateway.provision.agreed import check_agreements
from gateway.provision.applying import FileOf, apply, lines, renew, settled
from gateway.provision.difference import Difference, difference
from gateway.provision.parties import Parties
from gateway.provision.passwords import PasswordFileError
from gateway.provision.plan import planned
from gateway.provision.settings import Cluster, ProvisionSettings, parties_of, password_file
from gateway.running import Exit, complain, until_stopped

Renewed = Annotated[list[str] | None, typer.Option("--renew", help="Give this user another password; repeatable.")]


def provision(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Who is who at which broker (YAML).")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference, change nothing.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove access rules that nobody asked for.")] = False,
    renewed: Renewed = None,
) -> None:
    """Make brokers let each party reach its own and nothing else.

    Exit code 0 where all is as it should be by now, 1 where --dry-run finds a difference, something is left to a
    person, or the command was stopped, 2 where the file is at fault.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what the client would log is told in one line
    try:
        document = read(file)
        settings = validate(document, ProvisionSettings)
        for line in check_agreements(document, settings, time.time_ns() // 1000):
            typer.echo(line, err=True)
    except (ConfigurationError, KeyFileError) as error:
        complain(error)
        raise typer.Exit(Exit.CONFIGURATION) from error
    every = parties_of(settings)
    users = {one.name for parties in every.values() for one in parties.principals() if one.scram}
    for name in sorted({*(renewed or ())} - users):
        refuse(f"--renew {name}: {file} has no such user")
    if dry_run and renewed:
        refuse("--renew changes a password; leave out --dry-run")
    work = _Work(settings, dry_run=dry_run, prune=prune, renewed=renewed or ())
    asyncio.run(until_stopped(work.run(every)))
    if not work.ended:
        complain("cmo-gateway: stopped; what was said is done, and the command does the rest when called again")
    raise typer.Exit(Exit.FAILED if work.left or not work.ended else Exit.OK)


class _Work:
    """One call of the command."""

    def __init__(self, settings: ProvisionSettings, *, dry_run: bool, prune: bool, renewed: Sequence[str]) -> None:
        self._settings, self._dry_run, self._prune, self._renewed = settings, dry_run, prune, renewed
        self.left, self.ended = False, False
        """Whether something is not as it should be; whether everything was looked at."""

    async def run(self, every: dict[str, Parties]) -> None:
        for name, parties in every.items():
            try:
                await self._one(name, self._settings.clusters[name], parties)
            except (UnreachableError, KeyFileError, PasswordFileError) as error:  # the other clusters can do without
                complain(f"cmo-gateway: {error}")
                self.left = True
        self.ended = True

    async def _one(self, name: str, cluster: Cluster, parties: Parties) -> None:
        wanted, spared = planned(parties, cluster.topic_settings), cluster.spared | principal_of(cluster.kafka)
        file_of = partial(password_file, self._settings.passwords, name)
        async with governing(cluster.kafka) as governor:

            async def look() -> Difference:
                return difference(parties, wanted, await governor.access(wanted.topics), spared)

            found = await look()
            typer.echo(f"{name}, {cluster.kafka.bootstrap}: {'differs' if found else 'as it should be'}")
            if self._dry_run:
                self._show(found, await self._open(cluster, wanted.users, file_of))
                return
            await apply(governor, found, cluster.replication, file_of, prune=self._prune, say=typer.echo)
            for user in sorted(set(self._renewed) & wanted.users - set(found.users)):
                await renew(governor, user, file_of(user))
                typer.echo(f"~ user {user}, another password in {file_of(user)}")
            left = await settled(look, prune=self._prune) if found.to_do(prune=self._prune) else found
            self._show(left, await self._open(cluster, wanted.users, file_of))

    async def _open(self, cluster: Cluster, users: Iterable[str], file_of: FileOf) -> bool:
        """Asked in the name of one of the parties whose password is here."""
        user = next((one for one in sorted(users) if file_of(one).is_file()), None)
        return user is not None and await open_to_all(cluster.kafka, user, file_of(user))

    def _show(self, found: Difference, open_: bool) -> None:
        found = replace(found, open_to_all=open_)
        self.left |= bool(found)
        for line in lines(found, prune=self._prune):
            typer.echo(line)
