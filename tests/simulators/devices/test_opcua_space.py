"""One standard address space for all servers of a process: none sees what another does to it."""

import pytest
from asyncua import ua
from asyncua.server.address_space import NodeData

from simulators.devices.opcua_space import Nodes, standard

SERVER, OBJECTS, OWN = ua.NodeId(ua.Int32(2253)), ua.NodeId(ua.Int32(85)), ua.NodeId(ua.String("own"), ua.Int16(2))


def test_what_one_server_changes_another_does_not_have() -> None:
    """Values, references, nodes of its own and deleted ones."""
    one, other = Nodes(standard()), Nodes(standard())
    one[SERVER].attributes.clear()
    one[SERVER].references[0].IsForward = not one[SERVER].references[0].IsForward
    assert other[SERVER].attributes
    assert other[SERVER].references[0].IsForward is not one[SERVER].references[0].IsForward
    one[OWN] = NodeData(OWN)
    assert (OWN in one, OWN in other) == (True, False)
    del one[OBJECTS]
    assert (OBJECTS in one, OBJECTS in other) == (False, True)


def test_they_are_counted_and_gone_through_as_in_a_dict() -> None:
    """Also where some are added, deleted and put back."""
    all_, nodes = set(standard()), Nodes(standard())
    del nodes[OBJECTS]
    nodes[OWN] = NodeData(OWN)
    assert set(nodes) == all_ - {OBJECTS} | {OWN}
    assert len(nodes) == len(all_)
    assert nodes.get(OBJECTS) is None
    with pytest.raises(KeyError):
        del nodes[OBJECTS]
    del nodes[OWN]
    nodes[OBJECTS] = NodeData(OBJECTS)
    assert set(nodes) == all_
    assert len(nodes) == len(all_)
    assert all(nodes[key].nodeid == key for key in nodes)
