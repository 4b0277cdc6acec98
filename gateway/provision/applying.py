"""Making a broker as planned, and saying each thing when it is done."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path

from gateway.link.access import Rule, Topic
from gateway.link.governing import Governor
from gateway.provision.difference import Change, Difference
from gateway.provision.passwords import password_in

PATIENCE, PAUSE = 60.0, 0.1
"""Seconds until a broker shows what it was told, and between two looks."""

Say = Callable[[str], object]
FileOf = Callable[[str], Path]
"""The password file of a user."""


def lines(found: Difference, *, prune: bool) -> Iterator[str]:
    """The difference for a person, a line for each: `+` is added, `~` changed, `-` removed, `!` left to a person."""
    yield from (f"+ {_topic(one)}" for one in found.topics)
    yield from (f"~ {_topic(one)}" for one in found.settings)
    yield from (f"+ user {user}" for user in found.users)
    yield from (f"~ {_quotas(user, change)}" for user, change in found.quotas.items())
    yield from (f"+ {rule}" for rule in found.rules)
    yield from (_removed(rule) if prune else f"! unexpected: {rule}; --prune removes it" for rule in found.foreign)
    if found.open_to_all:
        yield (
            "! the broker tells its rules to whom nobody allowed that: set allow.everyone.if.no.acl.found=false in its "
            "own configuration, and let no rule give the cluster to everybody"
        )


async def apply(
    governor: Governor, found: Difference, replication: int, file_of: FileOf, *, prune: bool, say: Say
) -> None:
    """Do what the difference says. Raises UnreachableError, ToldError; what was said is done."""
    if found.topics:
        await governor.make_topics(found.topics, replication)
        _say_all(say, (f"+ {_topic(one)}" for one in found.topics))
    if found.settings:
        await governor.set_settings(found.settings)
        _say_all(say, (f"~ {_topic(one)}" for one in found.settings))
    for user in found.users:
        await governor.set_password(user, password_in(file_of(user)))
        say(f"+ user {user}, password in {file_of(user)}")
    for user, change in found.quotas.items():
        await governor.set_quotas(user, change)
        say(f"~ {_quotas(user, change)}")
    if found.rules:  # before a wider one goes: who had that is never without
        await governor.add_rules(found.rules)
        _say_all(say, (f"+ {rule}" for rule in found.rules))
    if found.foreign and prune:
        await governor.remove_rules(found.foreign)
        _say_all(say, map(_removed, found.foreign))


async def settled(look: Callable[[], Awaitable[Difference]], *, prune: bool) -> Difference:
    """What still differs once the broker shows all that it was told, or after `PATIENCE`.

    It answers before its own view has changed: who asked at once would be shown the old one, and do it all again.
    """
    end = time.monotonic() + PATIENCE
    while True:
        found = await look()
        if not found.to_do(prune=prune) or time.monotonic() > end:
            return found
        await asyncio.sleep(PAUSE)


async def renew(governor: Governor, user: str, file: Path) -> None:
    """Give a user another password. Raises UnreachableError, KeyFileError, PasswordFileError.

    Until the broker has it, it stands beside the old one, also where that was tried before and the broker may have it
    already: at no moment is the password in force in no file.
    """
    new = file.with_suffix(".new")
    await governor.set_password(user, password_in(new))
    new.replace(file)


def _say_all(say: Say, done: Iterable[str]) -> None:
    for line in done:
        say(line)


def _topic(one: Topic) -> str:
    return f"topic {one.name} ({', '.join(f'{key}={value}' for key, value in sorted(one.settings.items()))})"


def _quotas(user: str, change: Change) -> str:
    return f"user {user}: {', '.join(f'{name} {_rate(change[name])}' for name in change)}"


def _rate(rate: float | None) -> str:
    return "no limit" if rate is None else f"{rate:.0f}"


def _removed(rule: Rule) -> str:
    return f"- {rule}"
