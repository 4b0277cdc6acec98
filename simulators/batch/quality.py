"""What the DMS and the QMS know: documents, and a deviation for each alarm that the sensors gave. Pure."""

from collections.abc import Iterator
from hashlib import sha256

from simulators.batch.batch import DAY, MINUTE, Batch
from simulators.batch.course import Breach
from simulators.batch.facts import Fact, fact

DMS, QMS = "dms", "qms"
FIRST_DOCUMENT = 20_000
"""The day from which the first document is in force: 2024-10-04, whenever a batch is made."""


def text_of(batch: Batch, document: str) -> bytes:
    """The content of a document, as its file has it."""
    version, title, text = batch.recipe.documents[document]
    return f"{document}\nversion {version}\n{title}\n\n{text}\n".encode()


def document_facts(batch: Batch) -> Iterator[Fact]:
    """The index of documents that the batch follows. Their hashes are of the files that stand beside."""
    for number, (document, (version, title, _)) in enumerate(batch.recipe.documents.items()):
        effective = FIRST_DOCUMENT + 7 * number
        time = effective * DAY + 600 * MINUTE
        yield fact(
            DMS,
            "Document",
            f"{document}/{version}",
            time,
            product=batch.recipe.product.code,
            time=time,
            document=document,
            document_version=version,
            sha256=sha256(text_of(batch, document)).hexdigest(),
            place=f"documents/{document}.txt",
            status="effective",
            title=title,
            effective=effective,
        )


def quality_facts(batch: Batch) -> Iterator[Fact]:
    """A deviation for each differential that was lost, and the CAPA that came of the first."""
    for number, breach in enumerate(batch.course.breaches, 1):
        opened = _deviation(batch, breach, f"DEV-{batch.number[1:]}-{number:02d}")
        yield opened
        closed = opened.told + 9 * DAY
        why = "调查结束 (investigated)"
        yield opened.corrected(closed, batch.who("qa"), why, status="closed", time=closed, closed=closed)
        if number == 1:
            yield _capa(batch, opened)


def _deviation(batch: Batch, breach: Breach, reference: str) -> Fact:
    time = batch.at(breach.ended) + 25 * MINUTE
    room, _, against = breach.tag.partition(".DP.")
    seconds = breach.ended - breach.began
    limit = batch.recipe.limits[breach.tag]
    return fact(
        QMS,
        "QualityEvent",
        reference,
        time,
        **batch.common,
        time=time,
        what="DEVIATION",
        reference=reference,
        title=f"{room} 对 {against} 压差低于限度 (differential below {limit:g} Pa)",
        status="open",
        grade="minor",
        description=f"{breach.tag} < {limit:g} Pa, {seconds} s, min {breach.lowest:.2f} Pa",
        opened=time,
        room=room,
        person=batch.who("qa"),
    )


def _capa(batch: Batch, deviation: Fact) -> Fact:
    time, reference = deviation.told + 3 * DAY, f"CAPA-{batch.number[1:]}-01"
    return fact(
        QMS,
        "QualityEvent",
        reference,
        time,
        **batch.common,
        time=time,
        what="CAPA",
        reference=reference,
        title="气锁门延时报警 (door alarm after 60 s)",
        status="open",
        description=f"{deviation.fields['reference']}",
        opened=time,
        room=deviation.fields["room"],
        person=batch.who("head"),
    )
