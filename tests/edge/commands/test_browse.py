"""`cmo-edge browse`: what is asked wrongly is one line that names the option."""

from pathlib import Path

from adapters.tools import Place
from edge.commands.browse import matching
from tests.edge.commands.command import command

NOWHERE = "opc.tcp://127.0.0.1:1"


async def test_a_wrong_option_is_named(tmp_path: Path) -> None:
    """Exit code 2; a server that does not answer is 1."""
    for arguments, said, code in (
        (("http://x",), "URL: must be of a form", 2),
        ((NOWHERE, "--policy", "Nope"), "--policy: Input should be", 2),
        ((NOWHERE, "--policy", "Basic256Sha256"), "--certificate: Field required", 2),
        ((NOWHERE, "--trust", "x"), "name its --policy", 2),
        ((NOWHERE,), "opc.tcp://127.0.0.1:1: ", 1),
    ):
        done = await command(tmp_path, "browse", *arguments)
        assert (done.code, said in done.err, done.err.count("\n")) == (code, True, 1), done


def test_a_pattern_keeps_the_folders_on_the_way() -> None:
    """Of those that hold nothing that fits, none is shown."""
    tag = Place(("A", "DP"), {"name": "A.DP", "node": "i=1"})
    places = [Place(("A",)), tag, Place(("A", "T"), {"name": "A.T", "node": "i=2"}), Place(("B",))]
    assert list(matching(places, "*.DP")) == [Place(("A",)), tag]
    assert list(matching(places, None)) == places
