"""All facts of one batch, from all systems, in the order in which they became known. Pure."""

from simulators.batch.batch import Batch
from simulators.batch.facts import Fact
from simulators.batch.laboratory import laboratory_facts
from simulators.batch.mes import mes_facts
from simulators.batch.quality import document_facts, quality_facts
from simulators.batch.stock import stock_facts


def facts_of(batch: Batch) -> list[Fact]:
    """Every fact once, sorted by when it was told."""
    parts = (mes_facts, stock_facts, laboratory_facts, document_facts, quality_facts)
    return sorted((one for part in parts for one in part(batch)), key=lambda one: one.told)
