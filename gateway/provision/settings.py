"""What `cmo-gateway provision` is told: who is who at which broker."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from gateway.configuration import nearest
from gateway.link.access import QUOTAS
from gateway.link.settings import KafkaSettings
from gateway.provision.parties import Agent, Holder, Parties, Principal
from schemas.settings import Identifier, LocalPath, Strict


def _user(given: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", given) or given.upper() == "ANONYMOUS":
        raise ValueError("a user is 1 to 64 letters, digits, dots, hyphens or underscores, and not ANONYMOUS")
    return given


def _subject(given: str) -> str:
    if "=" not in given or ", " in given.replace("\\,", ""):
        raise ValueError("a subject is written as the broker writes it, as in CN=holder-b,O=Holder B")
    return given


class Known(Strict):
    """By which names a broker knows somebody."""

    users: tuple[Annotated[str, AfterValidator(_user)], ...] = Field(
        (), description="Users of SASL/SCRAM-SHA-512; they are made, with a password each."
    )
    subjects: tuple[Annotated[str, AfterValidator(_subject)], ...] = Field(
        (), description="Subjects of certificates (mTLS), as the broker writes them.", examples=["CN=holder-b"]
    )

    @property
    def principals(self) -> tuple[Principal, ...]:
        """Both."""
        users = tuple(Principal(name) for name in self.users)
        return users + tuple(Principal(name, scram=False) for name in self.subjects)


class AgentAccess(Known):
    """One agent."""

    sender: Identifier = Field(description="Its name as a sender, as in its own configuration.")


class HolderAccess(Known):
    """One holder."""

    id: Identifier = Field(description="The holder; second part of its topics.")
    cluster: str = Field(description="Over which of the clusters it is sent its records.")
    consumer_byte_rate: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="Octets a second that each of its users may read from one broker; no limit without it.",
    )
    producer_byte_rate: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="The same for what it writes back."
    )

    def parties_holder(self) -> Holder:
        """As the plan takes it."""
        rates = {name: rate for name in QUOTAS if (rate := getattr(self, name)) is not None}
        return Holder(self.id, self.principals, rates)


class Cluster(Strict):
    """One Kafka."""

    kafka: KafkaSettings = Field(description="How its administrator reaches it.")
    replication: int = Field(-1, ge=-1, description="Copies of each topic that is made; -1 leaves it to the broker.")
    in_sync: int | None = Field(
        None, ge=1, description="`min.insync.replicas` of each topic; the broker's own without it."
    )
    administrators: tuple[str, ...] = Field(
        (), description="Principals whose access rules are left alone, as `User:CN=broker`."
    )

    @property
    def topic_settings(self) -> dict[str, str]:
        """Of every topic."""
        return {} if self.in_sync is None else {"min.insync.replicas": str(self.in_sync)}

    @property
    def spared(self) -> frozenset[str]:
        """Principals whose rules are left alone: the administrator's too."""
        own = {f"User:{self.kafka.user}"} if self.kafka.user else set()
        return frozenset({*self.administrators, *own})


class ProvisionSettings(Strict):
    """Who is who at which broker."""

    cmo: Identifier = Field(description="The manufacturer; first part of every topic.")
    passwords: LocalPath = Field(
        description="Folder of password files, `CLUSTER/USER.password`; what is missing is made, for the owner alone. "
        "Relative to this file."
    )
    clusters: dict[str, Cluster] = Field(min_length=1, description="By a name of your own.")
    agents: tuple[AgentAccess, ...] = Field(min_length=1, description="The manufacturer's agents.")
    node: Known = Field(Known(), description="The manufacturer's own node, which reads all that is exchanged.")
    own_cluster: str | None = Field(
        None, description="Where the manufacturer's own streams are kept; without it there are none."
    )
    holders: tuple[HolderAccess, ...] = Field(
        min_length=1, description="The holders; with `agreements` those that have signed one, neither fewer nor more."
    )
    agreements: LocalPath | None = Field(
        None,
        description="Folder of the quality agreements with their signatures, as the agents have them: they decide whom "
        "the broker serves. Relative to this file.",
    )
    trust: tuple[LocalPath, ...] = Field(
        (), description="With `agreements`: public key files of the signatories. Relative to this file."
    )

    @model_validator(mode="after")
    def _sound(self) -> "ProvisionSettings":
        faults = [*self._doubled(), *self._unknown(), *self._nameless()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _doubled(self) -> Iterator[str]:
        everybody = [*self.agents, *self.holders, self.node]
        for what, names in (
            ("party", [self.cmo, *(one.id for one in self.holders)]),
            ("sender", [one.sender for one in self.agents]),
            ("user or subject", [one.name for known in everybody for one in known.principals]),
        ):
            yield from (f"{what} {name} stands here twice" for name, count in Counter(names).items() if count > 1)
        administrators = {name for one in self.clusters.values() for name in one.spared}
        for one in (one for known in everybody for one in known.principals if one.kafka in administrators):
            yield f"{one.name} administers a cluster; a party needs a name of its own"

    def _unknown(self) -> Iterator[str]:
        named = [one.cluster for one in self.holders] + ([self.own_cluster] if self.own_cluster else [])
        for name in dict.fromkeys(named):
            if name not in self.clusters:
                yield f"no such cluster: {name}{nearest(name, list(self.clusters))}"
        yield from (
            f"cluster {name}: a name is letters, digits and hyphens" for name in self.clusters if not _plain(name)
        )

    def _nameless(self) -> Iterator[str]:
        agents, holders = ((one.sender, one) for one in self.agents), ((one.id, one) for one in self.holders)
        yield from (f"{name} has neither users nor subjects" for name, one in (*agents, *holders) if not one.principals)


def _plain(name: str) -> bool:
    """It names a folder."""
    return re.fullmatch(r"[A-Za-z0-9-]{1,32}", name) is not None


def parties_of(settings: ProvisionSettings) -> dict[str, Parties]:
    """By cluster, who exchanges over it: nobody where it has neither a holder nor the manufacturer's own streams, and
    then what somebody may still do there is found.
    """
    return {name: _parties(settings, name) for name in settings.clusters}


def _parties(settings: ProvisionSettings, cluster: str) -> Parties:
    holders = tuple(one.parties_holder() for one in settings.holders if one.cluster == cluster)
    own = settings.own_cluster == cluster
    if not holders and not own:
        return Parties(settings.cmo, (), ())
    agents = tuple(Agent(one.sender, one.principals) for one in settings.agents)
    return Parties(settings.cmo, agents, holders, settings.node.principals, keeps_own=own)


def password_file(folder: Path, cluster: str, user: str) -> Path:
    """Where the password of a user stands."""
    return folder / cluster / f"{user}.password"
