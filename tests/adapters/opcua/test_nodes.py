import pytest
from asyncua import ua
from hypothesis import given
from hypothesis import strategies as st

from adapters.opcua.nodes import check_node, resolve

NAMESPACES = ["http://opcfoundation.org/UA/", "urn:server", "urn:plant:line-3"]


def expected(index: int) -> ua.NodeId:
    return ua.NodeId(ua.String("F1.DP.M1"), ua.Int16(index))


def test_a_namespace_by_uri_becomes_the_index_it_has_on_this_server() -> None:
    """The same text finds the node when the server numbers its namespaces anew."""
    text = "nsu=urn:plant:line-3;s=F1.DP.M1"
    assert resolve(text, NAMESPACES) == expected(2)
    assert resolve(text, ["http://opcfoundation.org/UA/", "urn:plant:line-3"]) == expected(1)


def test_a_namespace_that_the_server_does_not_have_is_no_node() -> None:
    """No index is guessed for an unknown URI."""
    assert resolve("nsu=urn:elsewhere;s=F1.DP.M1", NAMESPACES) is None


@pytest.mark.parametrize("text", ["i=2258", "ns=2;i=7", "ns=2;s=a;b=c", "nsu=urn:x;i=1"])
def test_node_ids_in_their_text_forms_are_taken(text: str) -> None:
    """Numeric, string with semicolons, by index and by URI."""
    assert check_node(text) == text


@pytest.mark.parametrize("text", ["", "F1.DP.M1", "ns=2", "i=x", "ns=-1;i=5", "ns=70000;i=5", "i=-1", "svr=1;i=5"])
def test_what_is_no_node_id_is_refused_with_examples(text: str) -> None:
    """A mistake in the configuration is found before connecting."""
    with pytest.raises(ValueError, match="is not a node id"):
        check_node(text)


@given(st.one_of(st.text(max_size=40), st.from_regex(r"(ns=|nsu=|i=|s=|g=|b=|;|\d|\w|-)*", fullmatch=True)))
def test_any_text_is_a_node_id_or_a_value_error(text: str) -> None:
    """No other exception comes out."""
    try:
        check_node(text)
    except ValueError as error:
        assert "is not a node id" in str(error)  # noqa: PT017 - either outcome is right
