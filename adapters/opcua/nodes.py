"""Node ids as text (OPC 10000-6, 5.3.1.10), with the namespace by index or by URI."""

import re
from collections.abc import Sequence

from asyncua import ua
from asyncua.ua.uaerrors import UaError

_FORM = re.compile(r"(?:ns=[0-9]{1,5};|nsu=[^;]+;)?(?:i=[0-9]{1,10}|s=.+|[gb]=[^;]+)", re.DOTALL)


def check_node(text: str) -> str:
    """The text itself. Raises ValueError when it is no node id."""
    _parsed(text)
    return text


def resolve(text: str, namespaces: Sequence[str]) -> ua.NodeId | None:
    """The node id on a server with this namespace array; None when the server has no such namespace."""
    node = _parsed(text)
    if not isinstance(node, ua.ExpandedNodeId):
        return node
    if node.NamespaceUri not in namespaces:
        return None
    return ua.NodeId(node.Identifier, ua.Int16(namespaces.index(node.NamespaceUri)), node.NodeIdType)


def _parsed(text: str) -> ua.NodeId:
    if not _FORM.fullmatch(text):  # the library passes over parts that it does not know
        raise ValueError(_help(text))
    try:
        node = ua.NodeId.from_string(text)
    except (UaError, ValueError) as error:
        raise ValueError(_help(text)) from error
    if node.NamespaceIndex >= 2**16 or (isinstance(node.Identifier, int) and node.Identifier >= 2**32):
        raise ValueError(_help(text))
    return node


def _help(text: str) -> str:
    return f"{text!r} is not a node id (examples: ns=2;s=F1.DP.M1, nsu=urn:plant:line-3;s=F1.DP.M1, i=2258)"
