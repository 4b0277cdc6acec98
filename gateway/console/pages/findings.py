"""Everything that the rules of the review found, what stands first."""

from gateway.archive.archive import Archive
from gateway.archive.judged import Finding, FindingCounts, finding_counts, findings_of_records
from gateway.console.pages.batch_findings import finding_table
from gateway.console.parts import Mark, Tag
from gateway.console.shell import shell
from gateway.console.visit import Visit
from gateway.views.batches import SHOWN


async def build(visit: Visit) -> None:
    """The page, as it is when it is opened."""
    counts, found = await visit.desk.ask(_asked)
    say = visit.say
    with shell(visit, "batches", visit.data("/findings")):
        Tag("h1", "", say("findings.title"))
        with Tag("p", "verdict", role="status"):
            standing = sum(counts.standing.values())
            Mark("alert" if standing else "good")
            Tag("b", "", say("findings.counts", n=standing, ended=sum(counts.ended.values())))
            if counts.waiting or counts.not_judged:
                Mark("data")
                Tag("span", "why", say("findings.waiting", n=counts.waiting, m=counts.not_judged))
        with Tag("section", "block", aria_label=say("findings.title")):
            finding_table(visit, found, with_batch=True)


def _asked(archive: Archive) -> tuple[FindingCounts, list[Finding]]:
    return finding_counts(archive), findings_of_records(archive, count=SHOWN)
