import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.modbus.plan import atoms, plan
from adapters.modbus.profile import load_profile, profile_names
from adapters.modbus.settings import ModbusSettings
from schemas.status import StatusCode
from tests.adapters.modbus.device import Device, listening
from tests.adapters.modbus.plant import source
from tests.adapters.support import reading

README = Path(__file__).parents[3] / "adapters" / "modbus" / "README.md"


def settings(context: dict[str, Any] | None = None, **more: Any) -> ModbusSettings:
    given = {"type": "modbus", "name": "device", "host": "127.0.0.1", "clock_zone": "UTC", **more}
    return ModbusSettings.model_validate(given, context=context)


@pytest.mark.parametrize("name", profile_names())
def test_every_point_of_a_profile_can_be_read(name: str) -> None:
    """As a tag, within the device's limits; and the file says where it was taken from."""
    profile = load_profile(name)
    assert profile.source
    points = [
        {"point": point, "name": point, **({} if known.unit else {"unit": "Pa"})}
        for point, known in profile.points.items()
    ]
    configured = settings(profile=name, points=points)
    for tag, point in zip(configured.all_tags, profile.points.values(), strict=True):
        assert (tag.span, tag.type, repr(tag.no_value)) == (point.span, point.type, repr(point.no_value))
        pieces = atoms(tag.spans, configured.limits, configured.wholes)
        assert all(block.count <= profile.max_registers for block in plan(pieces, configured.limits))


def test_a_value_and_its_status_are_one_request() -> None:
    """The whole record of a counter (F29)."""
    configured = settings(profile="lighthouse", points=[{"point": "count-8", "name": "C"}])
    [piece] = atoms(configured.all_tags[0].spans, configured.limits, configured.wholes)
    assert (piece.table, piece.start, piece.count) == ("input", 0, 76)


def test_the_source_says_what_the_profile_cannot_know() -> None:
    """Name, unit, scale and range are the source's; place and marks the profile's."""
    own = {"point": "count-1", "name": "P", "unit": "{#}/m3", "device_unit": "{#}/m3", "scale": 35.3, "range": [0, 9]}
    [tag] = settings(profile="lighthouse", points=[own]).all_tags
    assert (tag.name, tag.unit, tag.scale, tag.range) == ("P", "{#}/m3", 35.3, (0.0, 9.0))
    assert (tag.table, tag.address) == ("input", 8)
    [tag] = settings(profile="dwyer-ms2", points=[{"point": "pressure", "name": "DP", "unit": "kPa"}]).all_tags
    assert (tag.unit, tag.device_unit) == ("kPa", "Pa")


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"profile": "lighthouse", "points": [{"point": "cuont-1", "name": "C"}]}, "no point 'cuont-1'"),
        ({"profile": "solair", "points": []}, "no profile 'solair'; there are dwyer-ms2"),
        ({"profile": "nowhere.yaml", "points": []}, "nowhere.yaml: No such file"),
        ({"points": [{"point": "a", "name": "A"}]}, "those of a `profile`"),
        ({"profile": "lighthouse", "identity": {"colour": 1}}, "needs `points` or `tags`"),
        ({"tags": [{"name": "A", "address": 5, "type": "int16"}], "line": {"path": "/dev/x"}}, "either `host` or"),
        (
            {
                "tags": [{"name": "A", "address": 5, "type": "int32"}],
                "forbidden": [{"table": "holding", "address": 6, "count": 1}],
            },
            "A: holding 5 to 6 is forbidden",
        ),
        ({"tags": [{"name": "A", "address": 5, "type": "int16"}], "host": None, "line": {"path": "/x"}}, "rtu or asc"),
        (
            {"profile": "lighthouse", "clock_zone": None, "points": [{"point": "count-1", "name": "C"}]},
            "needs `clock_zone`",
        ),
    ],
)
def test_a_mistake_in_a_configuration_is_named(more: dict[str, Any], what: str) -> None:
    """In one line."""
    with pytest.raises(ValidationError, match=re.escape(what)):
        settings(**more)


async def test_a_profile_of_your_own_is_a_file_in_your_folder(tmp_path: Path) -> None:
    """The one that the README shows, beside the configuration, against a device that is so."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "mine.yaml").write_text(blocks[-1], encoding="utf-8")
    points = [{"point": "pressure", "name": "DP"}]
    found = settings({"folder": tmp_path}, profile="profiles/mine.yaml", points=points)
    assert found.all_tags[0].unit == "Pa"
    device = Device()
    device.hold(0, 7, 0, 4711)
    device.hold(4, 0xC120, 0, 0)  # -10.0
    device.hold(8, 0x449A, 0x5000)  # 1234.5
    own = str(tmp_path / "profiles" / "mine.yaml")
    async with (
        listening(device),
        reading(source("tcp", f"127.0.0.1:{device.port}", profile=own, points=points)) as read,
    ):
        row = await read.value("DP")
    assert (row.value, row.status) == (-10.0, StatusCode.GOOD)


def test_a_faulty_profile_is_named_with_the_place_of_the_fault(tmp_path: Path) -> None:
    """File, field and what is wrong."""
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text("about: x\nsource: y\npoints: {a: {about: z, address: 70000, type: int16}}\n", encoding="utf-8")
    with pytest.raises(ValidationError, match=r"faulty\.yaml: points\.a\.address"):
        settings(profile=str(faulty), points=[{"point": "a", "name": "A"}])
