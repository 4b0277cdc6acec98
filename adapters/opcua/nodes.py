"""Node ids as text (OPC 10000-6, 5.3.1.10), with the namespace by index or by URI."""

import re
from collections.abc import Sequence
from typing import cast

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds
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


def browse_path(text: str, namespaces: Sequence[str], default: str | None) -> ua.BrowsePath | None:
    """The way from the Objects folder along hierarchical references (OPC 10000-4, 7.31), as `Line3/Filler/Speed`.

    A name is in the namespace with the URI `default` (the standard's own where None), or in one given by its index, as
    `2:Filler`. None when the server has no such namespace.
    """
    if default is not None and default not in namespaces:
        return None
    own = namespaces.index(default) if default is not None else 0
    elements = []
    for name in text.split("/"):
        index, colon, rest = name.partition(":")
        numbered = bool(colon) and index.isdigit()
        target = ua.QualifiedName(ua.String(rest if numbered else name), ua.UInt16(int(index) if numbered else own))
        elements.append(
            ua.RelativePathElement(
                ReferenceTypeId=ua.NodeId(ua.Int32(ObjectIds.HierarchicalReferences)),
                IsInverse=cast("ua.Boolean", False),  # the library takes any bool
                IncludeSubtypes=cast("ua.Boolean", True),
                TargetName=target,
            )
        )
    start = ua.NodeId(ua.Int32(ObjectIds.ObjectsFolder))
    return ua.BrowsePath(StartingNode=start, RelativePath=ua.RelativePath(Elements=elements))


def check_path(text: str) -> str:
    """The text itself. Raises ValueError when it is no browse path."""
    names = [name.partition(":")[2] if name.partition(":")[0].isdigit() else name for name in text.split("/")]
    if not all(names):
        raise ValueError(f"{text!r} is not a browse path (examples: Line3/Filler/Speed, 2:Line3/2:Filler)")
    return text


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
