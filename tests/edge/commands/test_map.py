"""`cmo-edge map`, as a person uses it."""

from pathlib import Path

from typer.testing import CliRunner

from adapters.exports import mapping as mappings
from edge.cli import app

READY = Path(mappings.__file__).parent / "mappings"


def test_try_shows_records_and_refusals_and_the_sum() -> None:
    """Side by side, nothing unaccounted."""
    result = CliRunner().invoke(app, ["map", "try", str(READY / "wms.yaml"), str(READY / "wms.movements.csv")])
    assert result.exit_code == 0
    assert "refused because" in result.output
    assert "5 rows read = 3 records + 0 corrections + 0 repeats + 2 refused; 0 trailers" in result.output


def test_test_tries_the_examples(tmp_path: Path) -> None:
    """A mapping with none has not been tested."""
    assert CliRunner().invoke(app, ["map", "test", str(READY / "lims-zh.yaml")]).exit_code == 0
    alone = tmp_path / "alone.yaml"
    alone.write_bytes((READY / "wms.yaml").read_bytes())
    assert CliRunner().invoke(app, ["map", "test", str(alone)]).exit_code == 1


def test_what_is_wrong_is_told_in_a_line(tmp_path: Path) -> None:
    """A file of another layout, a mapping that is none."""
    runner, wms = CliRunner(), str(READY / "wms.yaml")
    result = runner.invoke(app, ["map", "try", wms, str(READY / "lims-en.results.csv")])
    assert result.exit_code == 1
    assert "refused: column" in result.output
    broken = tmp_path / "m.yaml"
    broken.write_text("kind: nothing")
    assert runner.invoke(app, ["map", "test", str(broken)]).exit_code == 2
    assert runner.invoke(app, ["map", "init", wms, "--encoding", "big5"]).exit_code == 2


def test_init_prints_a_mapping() -> None:
    """With the columns of the sample."""
    sample = str(READY / "lims-zh.results.csv")
    result = CliRunner().invoke(app, ["map", "init", sample, "--encoding", "gb18030"])
    assert result.exit_code == 0
    assert "# - 样品编号" in result.output
