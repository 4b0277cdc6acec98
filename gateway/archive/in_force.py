"""Which version of a record is in force: one rule for pages, rules, lists and genealogy.

Of each key of a system the highest version; of two records that call themselves the same version, the one with the
greater id as text. So it matters nothing when a record came, how often, and in which order. A record that came more
than once stands where its first stream and lowest number are.
"""

from schemas.exported import Exported

KEY = "system, key"
"""Columns that a record's versions share."""
LATEST = f"row_number() OVER (PARTITION BY {KEY} ORDER BY version DESC, id::VARCHAR DESC, stream, number) = 1"
"""Of each key the row in force; to be used after QUALIFY."""
ONCE = "row_number() OVER (PARTITION BY id ORDER BY stream, number) = 1"
"""Each record once, however often it came; to be used after QUALIFY."""
OLDEST_FIRST = "version, id::VARCHAR"
"""Versions in the order of `rank`."""


def rank(record: Exported) -> tuple[int, str]:
    """Of the versions of a key the one with the greatest rank is in force."""
    return record.version, str(record.id)
