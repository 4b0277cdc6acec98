"""The standard address space of OPC UA (OPC 10000-5), made once for all servers of a process: it takes seconds."""

import gc
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from copy import copy
from functools import cache
from typing import cast

from asyncua import ua
from asyncua.server.address_space import AddressSpace, AttributeValue, NodeData, NodeManagementService
from asyncua.server.standard_address_space.standard_address_space import fill_address_space


class Nodes(MutableMapping[ua.NodeId, NodeData]):
    """The nodes of one server. One of the standard is copied when it is first asked for, so it may be changed."""

    def __init__(self, standard: Mapping[ua.NodeId, NodeData]) -> None:
        self._standard = standard
        self._own = dict[ua.NodeId, NodeData]()
        self._deleted = set[ua.NodeId]()

    def __getitem__(self, key: ua.NodeId) -> NodeData:
        found = self._own.get(key)
        if found is None:
            if key in self._deleted:
                raise KeyError(key)
            found = self._own[key] = _copied(self._standard[key])
        return found

    def __setitem__(self, key: ua.NodeId, node: NodeData) -> None:
        self._own[key] = node

    def __delitem__(self, key: ua.NodeId) -> None:
        if key not in self:
            raise KeyError(key)
        self._own.pop(key, None)
        self._deleted.add(key)

    def __contains__(self, key: object) -> bool:
        return key in self._own or (key in self._standard and key not in self._deleted)

    def __iter__(self) -> Iterator[ua.NodeId]:
        others = self._standard.keys() - self._own.keys() - self._deleted
        return iter([*self._own, *others])  # a list: whoever goes through them asks for nodes, too

    def __len__(self) -> int:
        return len((self._standard.keys() - self._deleted) | self._own.keys())


@cache
def standard() -> Mapping[ua.NodeId, NodeData]:
    """As the library makes it. Nobody changes it."""
    space, fill = AddressSpace(), cast("Callable[[NodeManagementService], None]", fill_address_space)
    gc.disable()  # half of the time would be spent on looking for garbage among what is just made
    try:
        fill(NodeManagementService(space))
    finally:
        gc.enable()
    return {key: space[key] for key in space.keys()}  # noqa: SIM118 - it is no dict


def _copied(node: NodeData) -> NodeData:
    made = NodeData(node.nodeid)
    made.attributes = {name: _watched_by_nobody(one) for name, one in node.attributes.items()}
    made.references = [copy(one) for one in node.references]
    return made


def _watched_by_nobody(value: AttributeValue) -> AttributeValue:
    made = copy(value)
    made.datachange_callbacks = {}
    return made
