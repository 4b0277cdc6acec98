"""What `cmo-edge status` says of uplink and journal."""

from edge.telling import uplink_lines


def test_the_status_says_up_to_where_the_holder_has_confirmed() -> None:
    """Number and time in the plant's zone, which is named; what is wrong stands in its line."""
    status = {
        "waiting": 7,
        "journal": {"filled": 0.42, "problem": None, "reserve": False, "damaged": "its end was cut off"},
        "certificates": [
            {"file": "line-3.pem", "subject": "CN=line-3", "expires": "2026-12-01T00:00:00Z", "days": 7},
            {"file": "ca.pem", "subject": "CN=ca", "expires": "2020-01-01T00:00:00Z", "days": -1},
        ],
        "recipients": {
            "holder-b": {
                "connected": True, "problem": None, "waiting": 2,
                "streams": {"one": {"size": 30, "published": 28, "confirmed": 20, "confirmed_at": 1_700_000_000}},
            },
            "holder-c": {
                "connected": False, "problem": None, "waiting": 5,
                "streams": {"two": {"size": 5, "published": 0, "confirmed": 0, "confirmed_at": None}},
            },
        },
    }  # fmt: skip
    assert list(uplink_lines(status, "Asia/Shanghai")) == [
        "kafka of holder-b: connected, 2 records waiting",
        "kafka of holder-c: away, 5 records waiting",
        "journal: written, 42% full, without reserve on the disk",
        "journal was damaged: its end was cut off",
        "certificate line-3.pem of CN=line-3: expires in 7 days, 2026-12-01T00:00:00Z",
        "certificate ca.pem of CN=ca: has EXPIRED, 2020-01-01T00:00:00Z",
        "one: 30 given, 28 published, confirmed by the holder up to 20 at 2023-11-15 06:13:20 (Asia/Shanghai)",
        "two: 5 given, 0 published, none confirmed by the holder",
    ]
