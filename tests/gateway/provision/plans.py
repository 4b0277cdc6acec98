"""Random parties."""

from hypothesis import strategies as st

from gateway.provision.parties import Agent, Holder, Parties, Principal

NAMES = st.text("ab-1", min_size=1, max_size=4)
"""Few letters, so that names begin like others."""


@st.composite
def some_parties(draw: st.DrawFn) -> Parties:
    """Names that are given once; some users, some certificates."""
    cmo, *holders = draw(st.lists(NAMES, min_size=3, max_size=6, unique=True))
    senders = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    return Parties(
        cmo,
        tuple(Agent(sender, (Principal(f"agent-{sender}"),)) for sender in senders),
        tuple(Holder(one, (Principal(f"user-{one}"), Principal(f"CN={one}", scram=False))) for one in holders),
        (Principal("own-node"),),
        keeps_own=draw(st.booleans()),
    )
