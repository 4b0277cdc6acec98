"""The sample configurations of the README, as they stand there."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
README = (ROOT / "adapters" / "exports" / "README.md").read_text(encoding="utf-8")
MAPPINGS = ROOT / "adapters" / "exports" / "mappings"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


TEXTS = {yaml.safe_load(block)["type"]: block for block in _blocks("yaml")}
(VIEW,) = _blocks("sql")
"""What a plant makes for us."""


def given(type_: str, folder: Path) -> dict[str, Any]:
    """The sample of a type; the mappings where they are, and passwords and tokens in the folder."""
    found: dict[str, Any] = yaml.safe_load(TEXTS[type_])
    for one in found["mappings"]:
        one["mapping"] = str(ROOT / one["mapping"])
    for name, value in found.items():
        if name.endswith("_file"):
            (folder / value).write_text("a secret of some length")
    return found | {"keep": "kept", "poll_interval": 0.1}


def settings_in(type_: str) -> set[str]:
    """Every setting that the sample names, those behind a `#` too."""
    return set(re.findall(r"^(?:# )?(\w+):", TEXTS[type_], re.MULTILINE))
