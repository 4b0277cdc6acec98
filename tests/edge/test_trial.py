"""What `cmo-edge check --connect` says of a value."""

from edge.trial import MEANINGS, said, value_with_unit
from schemas.frame import Row
from schemas.status import Reason, StatusCode


def row(status: StatusCode, reason: Reason, value: float | None = None) -> Row:
    return Row("DP", None, "Pa", "DIRECT", value, None, int(status), reason, None)


def test_every_reason_has_words() -> None:
    """An engineer never meets a bare code."""
    assert set(MEANINGS) == set(Reason) - {Reason.NONE}


def test_a_good_value_is_told_with_its_unit_and_a_bad_one_with_why() -> None:
    """A dash where there is none."""
    good, bad = row(StatusCode.GOOD, Reason.NONE, 12.5), row(StatusCode.BAD_SENSOR_FAILURE, Reason.DEVICE)
    assert (value_with_unit(good), said(good)) == ("12.5 Pa", "Good")
    assert (value_with_unit(bad), said(bad)) == ("–", "BadSensorFailure: the device reports a fault")
