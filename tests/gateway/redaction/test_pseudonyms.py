"""The key of pseudonyms stays at home."""

import base64
import hashlib
import hmac
import stat
from pathlib import Path

import pytest

from gateway.redaction.pseudonyms import PseudonymKeyError, Pseudonyms, pseudonyms_from


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """The next start finds the same names."""
    path = tmp_path / "pseudonyms.key"
    first = pseudonyms_from(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert pseudonyms_from(path)("李四") == first("李四")
    assert pseudonyms_from(tmp_path / "other.key")("李四") != first("李四")


@pytest.mark.parametrize(("text", "mode"), [("00" * 31, 0o600), ("no key", 0o600), ("00" * 32, 0o640)])
def test_a_key_that_cannot_be_one_is_refused(tmp_path: Path, text: str, mode: int) -> None:
    """Also one that others may read."""
    path = tmp_path / "pseudonyms.key"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(PseudonymKeyError, match="key of pseudonyms"):
        pseudonyms_from(path)


def test_a_pseudonym_is_the_hmac_of_the_name() -> None:
    """HMAC-SHA-256, its first 80 bits in base32: another program with the key finds the same."""
    key = bytes(range(32))
    whole = base64.b32encode(hmac.new(key, "李四".encode(), hashlib.sha256).digest()).decode()
    assert Pseudonyms(key)("李四") == f"P-{whole[:16]}"
