"""What `cmo-edge status` says of uplink and journal."""

from edge.telling import uplink_lines


def test_the_status_says_up_to_where_the_holder_has_confirmed() -> None:
    """Number and time in the plant's zone, which is named; what is wrong stands in its line."""
    status = {
        "waiting": 7,
        "journal": {"filled": 0.42, "problem": None, "reserve": False, "damaged": "its end was cut off"},
        "kafka": {
            "connected": True, "problem": None,
            "streams": {
                "one": {"size": 30, "published": 28, "confirmed": 20, "confirmed_at": 1_700_000_000},
                "two": {"size": 0, "published": 0, "confirmed": 0, "confirmed_at": None},
            },
        },
    }  # fmt: skip
    assert list(uplink_lines(status, "Asia/Shanghai")) == [
        "kafka: connected, 7 records waiting",
        "journal: written, 42% full, without reserve on the disk",
        "journal was damaged: its end was cut off",
        "one: 30 given, 28 published, confirmed by the holder up to 20 at 2023-11-15 06:13:20 (Asia/Shanghai)",
        "two: 0 given, 0 published, none confirmed by the holder",
    ]
