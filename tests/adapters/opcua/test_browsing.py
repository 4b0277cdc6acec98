"""The tree of a server, and the tag list that comes of it."""

import asyncio
import math
import string

import pytest
from asyncua import ua
from asyncua.common.node import Node
from asyncua.ua.object_ids import ObjectIds
from hypothesis import given
from hypothesis import strategies as st

from adapters.opcua import ADAPTER, browsing
from adapters.opcua.browsing import browse
from adapters.opcua.described import Described
from adapters.opcua.listing import row_of, tag_name
from adapters.opcua.settings import OpcUaSettings, OpcUaTag
from adapters.tools import Looking, ToolError
from tests.adapters.opcua.plant import NAMESPACE, Plant, running
from tests.adapters.support import client_tasks, free_port
from tests.support.eventually import eventually

DP = {"name": "Filler.DP", "node": f"nsu={NAMESPACE};s=Filler.DP", "unit": "Pa", "range": "-50..100"}


def settings(endpoint: str) -> OpcUaSettings:
    made = ADAPTER.settings.model_validate(
        {
            "type": "opcua", "name": "x", "endpoint": endpoint, "security": "none", "timeout": 10,
            "tags": [{"name": "state", "node": "i=2259"}],
        }
    )  # fmt: skip
    assert isinstance(made, OpcUaSettings)
    return made


def q(plant: Plant, name: str) -> tuple[ua.NodeId, ua.QualifiedName]:
    return ua.NodeId(ua.String(name), ua.Int16(plant.namespace)), ua.QualifiedName(
        ua.String(name), ua.UInt16(plant.namespace)
    )


async def filler(plant: Plant) -> Node:
    """A folder with an analog item in Pa, a text, and an array."""
    folder = await plant.server.nodes.objects.add_folder(*q(plant, "Filler"))
    analog = await folder.add_variable(*q(plant, "Filler.DP"), 12.5)
    await analog.add_property(
        ua.NodeId(ua.String("u"), ua.Int16(plant.namespace)), ua.QualifiedName(ua.String("EngineeringUnits")),
        ua.EUInformation(UnitId=ua.Int32(int.from_bytes(b"PAL", "big")), DisplayName=ua.LocalizedText("Pa")),
    )  # fmt: skip
    await analog.add_property(
        ua.NodeId(ua.String("r"), ua.Int16(plant.namespace)), ua.QualifiedName(ua.String("EURange")), ua.Range(-50, 100)
    )
    await folder.add_variable(*q(plant, "state"), "run")
    await folder.add_variable(*q(plant, "all"), [1.0, 2.0])
    return folder


async def test_a_tree_gives_a_tag_list_with_unit_and_range() -> None:
    """Namespaces stand by URI; units are UCUM; properties are no tags; an array needs a person."""
    async with running(free_port()) as plant:
        folder = await filler(plant)
        await folder.add_reference(plant.server.nodes.objects, ObjectIds.HasComponent, bidirectional=False)  # a circle
        tree = await browse(settings(plant.endpoint), Looking())
        assert tree.cut is None
        found = {place.names: place for place in tree.places}
        own = {names for names in found if names[0] == "Filler"}
        assert own == {("Filler",), ("Filler", "Filler.DP"), ("Filler", "all"), ("Filler", "state")}
        assert not any(names[0] == "Server" for names in found)
        assert found["Filler", "Filler.DP"].row == DP
        assert found["Filler", "Filler.DP"].shown == "Double 12.5 Pa"
        assert found["Filler", "state"].row == {"name": "Filler.state", "node": f"nsu={NAMESPACE};s=state"}
        assert found["Filler", "all"].row is None
        assert "give node and index" in found["Filler", "all"].shown
        assert OpcUaTag.model_validate(DP).range == (-50, 100)
        await eventually(lambda: plant.connections() == 0, within=60)
    assert not client_tasks()


async def test_a_node_with_more_references_than_fit_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the server keeps the rest behind continuation points; what is enough is cut, and said."""
    monkeypatch.setattr(browsing, "REFERENCES", 7)
    async with running(free_port()) as plant:
        continued = paged(plant, monkeypatch)
        folder = await plant.server.nodes.objects.add_folder(*q(plant, "Many"))
        for at in range(40):
            await folder.add_variable(*q(plant, f"v{at}"), float(at))
        tree = await browse(settings(plant.endpoint), Looking(under=f"nsu={NAMESPACE};s=Many"))
        assert [place.names for place in tree.places] == [(f"v{at}",) for at in range(40)]
        assert continued.count(False) == 5
        few = await browse(settings(plant.endpoint), Looking(under=f"nsu={NAMESPACE};s=Many", most=10))
        assert (len(few.places), few.cut is not None) == (10, True)
        assert continued[-1] is True  # the server may forget the point


def paged(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Make the server keep what is beyond the number asked for; gives whether each BrowseNext released its point."""
    space, kept, asked = plant.server.iserver.view_service, dict[bytes, list[ua.ReferenceDescription]](), list[bool]()
    whole = space.browse

    def page(result: ua.BrowseResult, most: int) -> ua.BrowseResult:
        if most and len(result.References) > most:
            point = str(len(kept)).encode()
            kept[point] = result.References[most:]
            result.References, result.ContinuationPoint = result.References[:most], point
        return result

    def browse_(parameters: ua.BrowseParameters) -> list[ua.BrowseResult]:
        return [page(one, parameters.RequestedMaxReferencesPerNode) for one in whole(parameters)]

    async def browse_next(parameters: ua.BrowseNextParameters) -> list[ua.BrowseResult]:
        asked.append(bool(parameters.ReleaseContinuationPoints))
        rest = [kept.pop(point) for point in parameters.ContinuationPoints]
        if parameters.ReleaseContinuationPoints:
            return [ua.BrowseResult() for _ in rest]
        return [page(ua.BrowseResult(References=one), 7) for one in rest]

    monkeypatch.setattr(space, "browse", browse_)
    monkeypatch.setattr("asyncua.client.ua_client.UaClient.browse_next", lambda _, given: browse_next(given))
    return asked


async def test_what_is_too_deep_is_said() -> None:
    """Nothing is left out in silence."""
    async with running(free_port()) as plant:
        await filler(plant)
        tree = await browse(settings(plant.endpoint), Looking(depth=1))
        assert tree.cut is not None
        assert "deeper than 1 levels" in tree.cut


async def test_a_start_that_the_server_does_not_have_is_refused() -> None:
    """By its namespace, by the node, or by its form."""
    async with running(free_port()) as plant:
        for under, said in (
            ("nsu=urn:other;s=a", "no such namespace"),
            (f"nsu={NAMESPACE};s=no", "BadNodeIdInvalid"),
            ("Filler", "is not a node id"),
        ):
            with pytest.raises(ToolError, match=said):
                await browse(settings(plant.endpoint), Looking(under=under))
        await eventually(lambda: plant.connections() == 0, within=60)


async def test_a_server_that_is_not_there_is_one_line() -> None:
    """With its address."""
    endpoint = f"opc.tcp://127.0.0.1:{free_port()}/"
    with pytest.raises(ToolError, match=endpoint):
        await browse(settings(endpoint), Looking())


async def test_a_look_that_is_cancelled_leaves_no_session() -> None:
    """As by Ctrl-C."""
    async with running(free_port()) as plant:
        begun = asyncio.Event()
        for at in range(30):
            await plant.add(f"v{at}", 1.0, ua.VariantType.Double)
        looking = asyncio.create_task(browse(settings(plant.endpoint), Looking(told=lambda _: begun.set())))
        await asyncio.wait_for(begun.wait(), 60)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        assert looking.cancelled()
        await eventually(lambda: plant.connections() == 0, within=60)
        assert not plant.server.iserver.isession.external
    assert not client_tasks()


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=6), st.floats(), st.floats())
def test_any_names_of_a_server_make_rows_that_can_be_read(names: list[str], low: float, high: float) -> None:
    """A name that a spreadsheet would compute is none; two variables never get the same one."""
    taken: set[str] = set()
    about = Described("Pa", known=True, low=low, high=high)
    for at in range(2):
        row = row_of(names, f"ns=2;i={at}", about, ua.DataValue(ua.Variant(1.0)), taken)
        assert row is not None
        tag = OpcUaTag.model_validate(dict(row))
        assert tag.name[0] not in "=+-@"
        assert tag.range is None or all(math.isfinite(end) for end in tag.range)
    assert len(taken) == 2


def test_a_name_that_begins_with_its_folders_stands_for_both() -> None:
    """As monitoring systems name their points."""
    assert tag_name(["F1", "F1.DP.M1"]) == "F1.DP.M1"
    assert tag_name(["Line 3", "Filler", "Speed"]) == "Line_3.Filler.Speed"
    assert tag_name(["F1", "F10"]) == "F1.F10"
    assert set(string.whitespace).isdisjoint(tag_name(["a\n b", "c\t"]))
