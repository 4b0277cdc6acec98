"""The sample agreements as plain data, to be changed and judged."""

from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from gateway.agreement.agreement import Agreement
from gateway.agreement.lint import Finding, findings
from gateway.agreement.profile import profiles_for
from gateway.cleanroom.loading import load_site
from gateway.cleanroom.site import Site
from gateway.configuration import read

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "simulators/line-3/agreements"
UNLAWFUL = Path(__file__).parent / "unlawful"
TODAY = date(2026, 11, 23)
Data = dict[str, Any]


@cache
def _read(file: Path) -> Data:
    data: Data = read(file).data
    return data


def document(name: str) -> Data:
    """A sample, free to be changed."""
    return deepcopy(_read(SAMPLES / f"{name}.yaml"))


@cache
def agreement(name: str) -> Agreement:
    """A sample as it is."""
    return Agreement.model_validate(document(name))


@cache
def site() -> Site:
    """The site of line 3."""
    return load_site(ROOT / "simulators/line-3/site.yaml")


def judged(*agreements: Agreement, today: date = TODAY) -> list[Finding]:
    """What is found in them, with the profiles that they name and the site of line 3."""
    profiles = [profiles_for(one.profiles, one.cmo.country) for one in agreements]
    return findings(agreements, [site()], today, profiles)
