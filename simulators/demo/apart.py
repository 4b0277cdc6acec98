"""Whether each holder sees its own alone: no page of its console may name what is another's."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx
import yaml

from simulators.demo.judge import Finding

PAGES = ("overview", "alarms?range=1d", "batches", "findings", "weighings?range=1d", "evidence?range=1d", "agreement")
"""What is searched, as its twins for programs give it."""


def names_of(agreement: Path) -> list[str]:
    """By what an agreement's holder and its products are known."""
    data: dict[str, Any] = yaml.safe_load(agreement.read_text(encoding="utf-8"))
    holder = data["holder"]
    codes = [code for one in data["products"] for code in (one["code"], *one.get("also", ()))]
    return [holder["id"], *holder["name"].values(), *codes]


def apart(consoles: Mapping[str, str], names: Mapping[str, Iterable[str]], batches: Mapping[str, str]) -> list[Finding]:
    """A line for each holder. `names` are what a holder is known by, `batches` are holders by the number of a batch."""
    found = []
    for holder, console in consoles.items():
        text = "\n".join(httpx.get(f"{console}/api/{page}", timeout=30).raise_for_status().text for page in PAGES)
        foreign = [name for other, known in names.items() if other != holder for name in known]
        foreign += [number for number, other in batches.items() if other != holder]
        own = [number for number, other in batches.items() if other == holder]
        said, missing = _said(foreign, text), [number for number in own if not _said([number], text)]
        good = f"{holder} sees its own alone: batch {', '.join(own)}, and no word of the others"
        bad = [f"sees what is another's: {', '.join(said)}"] if said else []
        bad += [f"does not see its batch {', '.join(missing)}"] if missing else []
        found.append(Finding(not bad, f"{holder} {' and '.join(bad)}" if bad else good))
    return found


def _said(words: Iterable[str], text: str) -> list[str]:
    """Those of the words that stand in the text by themselves: LYO-50 does not stand in LYO-50C."""
    return [word for word in words if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)]
