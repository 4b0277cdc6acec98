"""What a provider says of a person, as one who looks. Pure."""

from collections.abc import Mapping
from typing import Any

from gateway.access.roles import Role, mixed
from gateway.access.viewer import Viewer
from schemas.errors import ToldError


class ClaimsError(ToldError):
    """The provider's person cannot be let in; the message says why."""


def viewer_from(claims: Mapping[str, Any], name_claim: str, claim: str, roles: Mapping[str, Role]) -> Viewer:
    """The person of verified claims, with the roles of its groups. Raises ClaimsError."""
    name, groups = claims.get(name_claim), claims.get(claim)
    if not isinstance(name, str) or not name.strip():
        raise ClaimsError(f"the provider gives no {name_claim}; without a name nobody is traceable")
    groups = [groups] if isinstance(groups, str) else groups
    held = frozenset(roles[one] for one in groups if one in roles) if isinstance(groups, list) else frozenset[Role]()
    if not held:
        raise ClaimsError(f"none of the provider's groups of {name.strip()} has a role here")
    if against := mixed(held):
        raise ClaimsError(f"the provider's groups: {'; '.join(against)}")
    return Viewer(f"{claims['iss']} {claims['sub']}", name.strip(), held)
