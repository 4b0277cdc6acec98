"""Whom of the holders a look at the manufacturer's own node is about."""

from collections.abc import Callable

from gateway.agreement.shelf import Shelf
from gateway.archive.evidence import Readable
from gateway.configuration import ConfigurationError
from schemas.access import Access

_PRODUCTS = """SELECT DISTINCT product FROM (SELECT batch, product FROM batch_order UNION ALL
    SELECT batch, product FROM assignment) WHERE batch = ? AND product IS NOT NULL"""


def holders_concerned(archive: Readable, agreements: Shelf | None) -> Callable[[Access], list[str]]:
    """The holder of the batch that a look names, by the agreement in force then; else nobody.

    A room or a trend is of all who are made there, one after the other: to tell each of them would tell when somebody
    looks at another's. So does a number that batches of several holders bear.
    """

    def concerned(access: Access) -> list[str]:
        if access.batch is None or agreements is None:
            return []
        products = {product for (product,) in archive.rows(_PRODUCTS, [access.batch])}
        try:
            held = agreements.signed().at(access.time)
        except ConfigurationError:
            return []
        holders = {one.agreement.holder.id for one in held if products & {code for _, code in one.codes}}
        return sorted(holders) if len(holders) == 1 else []

    return concerned
