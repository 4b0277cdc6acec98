"""XML becomes rows: streaming, safe, by local names."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.exports.formats.row import FileRefusedError, Row
from adapters.exports.formats.xml_tree import xml_rows
from adapters.exports.mapping import Format

BATCH = """<?xml version="1.0" encoding="UTF-8"?>
<x:batches xmlns:x="urn:a" xmlns:unused="urn:b">
  <batch><no>B1</no>
    <step id="1"><name>mix</name><p u="kg">2.10</p></step>
    <step id="2"><name/><p u="kg" xsi:nil="true">9</p></step>
  </batch>
  <batch><lot>B2</lot><step id="3"><p>1</p></step></batch>
</x:batches>
"""
COLUMNS = ("@id", "name", "p", "p/@u", "ancestor::batch/no | ancestor::batch/lot")


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "a.xml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def came(path: Path, *columns: str, **form: Any) -> list[Row]:
    """All rows, or none: as two passes would have it."""
    return list(xml_rows(path, Format.model_validate({"type": "xml", "rows": "step"} | form), frozenset(columns)))


def cells(rows: list[Row]) -> list[dict[str, Any]]:
    return [row.cells for row in rows]


def test_rows_have_the_cells_that_are_named(tmp_path: Path) -> None:
    """By local name; what is empty, nil or absent is no cell; position and octets of the element stand beside."""
    rows = came(written(tmp_path, BATCH), *COLUMNS)
    assert cells(rows) == [
        {"@id": "1", "name": "mix", "p": "2.10", "p/@u": "kg", COLUMNS[-1]: "B1"},
        {"@id": "2", "p/@u": "kg", COLUMNS[-1]: "B1"},
        {"@id": "3", "p": "1", COLUMNS[-1]: "B2"},
    ]
    assert [(row.line, row.raw) for row in rows][2] == (3, b'<step id="3"><p>1</p></step>')


def test_f69_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    """Wherever it is cut."""
    for end in range(len(BATCH.rstrip())):
        with pytest.raises(FileRefusedError):
            came(written(tmp_path, BATCH[:end]), *COLUMNS)


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE a [<!ENTITY e "x"><!ENTITY f "&e;&e;&e;&e;">]>',
        '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY % e SYSTEM "http://127.0.0.1:9/e"> %e;]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">',
        "<!DOCTYPE a>",
        "",
    ],
)
def test_f69_document_types_and_entities_are_refused(tmp_path: Path, head: str) -> None:
    """So nothing is fetched and nothing grows; an entity of nobody is an error anyway."""
    with pytest.raises(FileRefusedError):
        came(written(tmp_path, f"{head}<a><step>&e;</step></a>"), ".")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("<step>" * 65 + "</step>" * 65, "more than 64 nodes"),
        (f"<step><p>{'x' * 101}</p></step>", "longer than 100 characters"),
        (f"<step p='{'x' * 101}'/>", "attributes longer than 100"),
        (f"<step><!--{'x' * 900_000}--></step>", "tag or comment longer than 1000"),
        (f"<step><{'x' * 900_000}/></step>", "tag or comment longer than 1000"),
        ("<a>" + "".join(f"<n{number}/>" for number in range(17_000)) + "</a>", "more than 16384 names"),
    ],
)
def test_sizes_are_bounded(tmp_path: Path, content: str, told: str) -> None:
    """Depth, text, attributes, tags and names."""
    with pytest.raises(FileRefusedError, match=told):
        came(written(tmp_path, content), "p", cell=100, row=1000)


def test_what_no_column_names_may_be_long(tmp_path: Path) -> None:
    """It is not held; an element longer than a row may be has no octets."""
    (row,) = came(written(tmp_path, f"<step><p>1</p><q>{'x' * 5000}</q></step>"), "p", cell=100, row=1000)
    assert (row.cells, row.raw) == ({"p": "1"}, b"")


@pytest.mark.parametrize(("encoding", "said"), [("gb18030", "GB2312"), ("utf-16", "UTF-16"), ("utf-8", "utf-8")])
def test_f63_the_declared_encoding_is_read(tmp_path: Path, encoding: str, said: str) -> None:
    """Whatever expat knows; the octets are those of the file."""
    content = f'<?xml version="1.0" encoding="{said}"?><a><step><p>王䶮</p></step></a>'
    (row,) = came(written(tmp_path, content.encode(encoding)), "p", encoding=encoding)
    assert row.cells == {"p": "王䶮"}
    assert row.raw.decode(encoding) == "<step><p>王䶮</p></step>"


@pytest.mark.parametrize(("written_in", "declared"), [("gb18030", "utf-8"), ("utf-8", "utf-16"), ("utf-16", "utf-8")])
def test_f63_another_encoding_refuses_the_file(tmp_path: Path, written_in: str, declared: str) -> None:
    """Whether the octets or the file itself contradict."""
    with pytest.raises(FileRefusedError):
        came(written(tmp_path, "<step>王</step>".encode(written_in)), ".", encoding=declared)
    with pytest.raises(FileRefusedError, match="says ISO-8859-1 of itself"):
        came(written(tmp_path, '<?xml version="1.0" encoding="ISO-8859-1"?><step/>'))


def test_what_stands_more_than_once_has_to_be_named(tmp_path: Path) -> None:
    """Two quantities are never mixed; an index, or an attribute, says which."""
    path = written(tmp_path, "<step><q n='a'><v>1</v></q><q n='b'><u>kg</u></q><q n='c'><v/></q></step>")
    (row,) = came(path, "q/v", "q/u")
    assert row.cells[""] == "q/u: stands more than once; the mapping has to say which"
    assert cells(came(path, "q[1]/v", "q[@n=b]/u", "q[2]/@n")) == [{"q[1]/v": "1", "q[@n=b]/u": "kg", "q[2]/@n": "b"}]


def test_values_behind_the_rows_that_they_belong_to_are_found(tmp_path: Path) -> None:
    """As exporters do that do not keep the order of the schema."""
    path = written(tmp_path, "<a><b><step/><step/><no>B1</no></b><b><step/><no>B2</no></b></a>")
    assert cells(came(path, "ancestor::b/no")) == [{"ancestor::b/no": one} for one in ("B1", "B1", "B2")]


def test_rows_may_stand_within_rows(tmp_path: Path) -> None:
    """The inner one comes first; each knows what it is part of."""
    path = written(tmp_path, "<step><id>1</id><step><id>2</id><step><id>3</id></step></step></step>")
    columns = ("id", "ancestor::step/id", "ancestor::step[2]/id")
    assert [tuple(row.cells.get(one) for one in columns) for row in came(path, *columns)] == [
        ("3", "2", "1"),
        ("2", "1", None),
        ("1", None, None),
    ]


def test_a_row_knows_its_name_and_its_place(tmp_path: Path) -> None:
    """Several kinds of elements may be rows."""
    rows = came(written(tmp_path, "<a><s/><t/><s/><u/></a>"), "name()", "position()", rows="a/s | /a/t | t/u")
    assert [tuple(row.cells.values()) for row in rows] == [("s", "1"), ("t", "1"), ("s", "2")]


@pytest.mark.parametrize("path", ["", "a//b", "a[x]", "ancestor::a", "a[1", "@a/b"])
def test_a_path_that_cannot_be_read_is_told(tmp_path: Path, path: str) -> None:
    """Before anything of the file is used."""
    with pytest.raises(FileRefusedError, match="is no path"):
        came(written(tmp_path, "<step/>"), path)


def test_animl_values_are_read_whatever_their_type(tmp_path: Path) -> None:
    """The root element has to be AnIML."""
    content = "<AnIML><Parameter name='a'><D>1.50</D></Parameter><Parameter name='b'><S>ok</S></Parameter></AnIML>"
    rows = came(written(tmp_path, content), "@name", "Value", type="animl", rows="Parameter")
    assert [tuple(row.cells.values()) for row in rows] == [("a", "1.50"), ("b", "ok")]
    with pytest.raises(FileRefusedError, match="is no animl file: its root element is html"):
        came(written(tmp_path, "<html/>"), type="animl")


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))
TREES: st.SearchStrategy[tuple[str, list[Any]]] = st.recursive(
    st.builds(lambda text: (text, []), TEXTS),
    lambda below: st.builds(
        lambda text, names, nodes: (text, list(zip(names, nodes, strict=False))),
        TEXTS,
        st.lists(st.sampled_from("abs"), max_size=4),
        st.lists(below, max_size=4),
    ),
    max_leaves=12,
)


def element(name: str, tree: tuple[str, list[Any]]) -> ET.Element:
    made = ET.Element(name, x=tree[0])
    made.text = tree[0]
    made.extend(element(below, one) for below, one in tree[1])
    return made


@settings(max_examples=200, deadline=None)
@given(tree=TREES, encoding=st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_rows_are_what_another_parser_finds(
    tmp_path_factory: pytest.TempPathFactory, tree: tuple[str, list[Any]], encoding: str
) -> None:
    """Cells and octets, for any tree in any encoding."""
    root = element("r", tree)
    content = ET.tostring(root, encoding="unicode")
    path = written(tmp_path_factory.getbasetemp(), content.encode(encoding))
    rows = came(path, "a[1]", "b[2]/@x", rows="s", encoding=encoding)
    found = sorted((row.raw.decode(encoding), tuple(sorted(row.cells.items()))) for row in rows)
    wanted = []
    for one in root.iter("s"):
        here = {
            "a[1]": one.findtext("a[1]"),
            "b[2]/@x": second.get("x") if (second := one.find("b[2]")) is not None else "",
        }
        kept = tuple(sorted((column, text) for column, text in here.items() if text and text.strip()))
        wanted.append((ET.tostring(one, encoding="unicode"), kept))
    assert found == sorted(wanted)


@settings(max_examples=300, deadline=None)
@given(octets=st.binary(max_size=200) | st.text("<>/&;!?'\"= abstep[]-x:", max_size=80).map(str.encode))
def test_any_bytes_are_rows_or_a_refusal(tmp_path_factory: pytest.TempPathFactory, octets: bytes) -> None:
    """No other exception; what is accepted is whole XML."""
    path = written(tmp_path_factory.getbasetemp(), octets)
    try:
        came(path, *COLUMNS)
    except FileRefusedError:
        return
    ET.fromstring(octets.replace(b":", b"_"))  # noqa: S314 - of 200 octets
