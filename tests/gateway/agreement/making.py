"""Agreements for tests: the first sample, cut down, with the changes that a test is about."""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gateway.agreement.agreement import Agreement
from gateway.agreement.in_force import Candidate
from gateway.agreement.signing import sign
from gateway.proof import suites
from gateway.proof.keys import Role, generate, public_keys
from gateway.proof.note import SigningKey
from gateway.proof.suites import Algorithm

SAMPLES = Path("simulators/line-3/agreements")
HOLDER = generate("holder-b", Role.SIGNATORY, "qa")
CMO = generate("cmo-a", Role.SIGNATORY, "qa")
TRUST = [*public_keys(HOLDER), *public_keys(CMO)]
SIGNED = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())


@cache
def sample(name: str = "holder-b") -> str:
    return (SAMPLES / f"{name}.yaml").read_text(encoding="utf-8")


@cache
def _small() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(sample())
    data |= {key: data[key][:1] for key in ("products", "responsibilities", "notices")} | {"suppliers": None}
    codes = {one["code"] for one in data["products"]}
    data["exchange"] = [one for one in data["exchange"] if set(one.get("products", ())) <= codes][:2]
    return data


def listed(*keys: SigningKey, since: str = "2026-01-01", until: str | None = None) -> list[dict[str, Any]]:
    return [{"key": str(public_keys(key)[0]), "since": since, "until": until} for key in keys]


def data_of(
    version: int = 1, effective: str = "2027-01-01", *, holder: Any = None, cmo: Any = None, **changes: Any
) -> dict[str, Any]:
    """The document; `holder` and `cmo` are the keys that the parties list."""
    data = _small() | {"version": version, "effective": date.fromisoformat(effective)} | changes
    data["holder"] = data["holder"] | {"keys": listed(HOLDER) if holder is None else holder}
    data["cmo"] = data["cmo"] | {"keys": listed(CMO) if cmo is None else cmo}
    return data


def agreed(version: int = 1, effective: str = "2027-01-01", **changes: Any) -> Agreement:
    return Agreement.model_validate(data_of(version, effective, **changes))


def of_holder(holder: str, key: SigningKey, code: str, exchange: list[dict[str, Any]]) -> Agreement:
    """With another holder, of one product with this code."""
    data = data_of(effective="2026-01-01", holder=listed(key), exchange=exchange)
    party = data["holder"] | {"id": holder, "name": {"en": f"{holder} Ltd", "zh": f"{holder} 公司"}}
    signatories = yaml.safe_load(yaml.safe_dump(data["signatories"]).replace("holder-b", holder))
    product = data["products"][0] | {"code": code, "also": []}
    changed = {"agreement": holder, "holder": party, "products": [product], "signatories": signatories}
    return Agreement.model_validate(data | changed)


def octets_of(agreement: Agreement) -> bytes:
    """Octets that stand for a file: others for another content."""
    return agreement.model_dump_json().encode()


def signed(
    agreement: Agreement, *keys: SigningKey, name: str | None = None, time: int = SIGNED, octets: bytes | None = None
) -> Candidate:
    """A file with the signatures of these keys, else of both parties' own."""
    octets = octets_of(agreement) if octets is None else octets
    note: bytes | None = None
    for key in keys or (HOLDER, CMO):
        note = sign(agreement, octets, key, time, note)
    file = Path(name or f"{agreement.agreement}-{agreement.version}.yaml")
    return Candidate(file, agreement, octets, note)


def quantum(party: str, algorithm: Algorithm = suites.ML_DSA_44) -> SigningKey:
    return generate(party, Role.SIGNATORY, "qa", algorithm)
