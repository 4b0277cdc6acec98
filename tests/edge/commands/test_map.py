"""`cmo-edge map`, as a person uses it."""

from pathlib import Path

from typer.testing import CliRunner

from adapters.exports import mapping as mappings
from adapters.exports.mapping import parse
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
    """For the sample; kind and encoding are guessed where nobody says them."""
    sample = str(READY / "lims-zh.results.csv")
    for given in ([], ["--encoding", "gb18030", "--kind", "test-result"]):
        result = CliRunner().invoke(app, ["map", "init", sample, *given])
        assert result.exit_code == 0
        assert parse(result.output, "proposal").fields["sample"].column == "样品编号"
    assert CliRunner().invoke(app, ["map", "init", sample, "--kind", "potato"]).exit_code == 2


def test_try_shows_the_first_rows_and_counts_all(tmp_path: Path) -> None:
    """Refused ones are shown before others."""
    wms = (READY / "wms.movements.csv").read_text(encoding="utf-8").splitlines()
    row = "{};1;101;RM-010;L2201;25,000;KG;Supplier A;;chen;01.02.2026 08:15:00"
    (tmp_path / "a.csv").write_text("\n".join([wms[0], *map(row.format, range(2500)), "9;1;999" + row[7:]]))
    result = CliRunner().invoke(app, ["map", "try", str(READY / "wms.yaml"), str(tmp_path / "a.csv"), "--most", "3"])
    assert result.exit_code == 0
    assert "2502" in result.output
    assert "2501 rows read = 2500 records" in result.output
