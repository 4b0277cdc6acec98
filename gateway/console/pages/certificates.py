"""The part of a page that says when the certificates expire that this node uses."""

from datetime import datetime

from gateway.certificates import NEAR
from gateway.console.parts import Mark, Table, Tag
from gateway.console.visit import Visit

COLUMNS = ("certificate", "file", "expires", "left")


def certificates_part(visit: Visit) -> None:
    """For whom it is; nothing where the node uses none."""
    found, say = visit.desk.certificates(), visit.say
    if not found or not visit.may("/certificates"):
        return
    with Tag("section", "block", aria_label=say("certificates.title")):
        Tag("h2", "", say("certificates.title"))
        table = Table(say("certificates.title"), *(say(f"certificates.{name}") for name in COLUMNS))
        with table.body:
            for one in found:
                line, days = table.line(), one["days"]
                line.cell("wide").set_text(one["subject"])
                line.cell("wide").set_text(one["file"])
                end = datetime.fromisoformat(one["expires"])
                line.cell().set_text(visit.clock.stamp(int(end.timestamp() * 1e6)))
                with line.cell():
                    Mark("action" if days < 0 else "alert" if days <= NEAR.days else "good")
                    Tag("span", "", say("certificates.over" if days < 0 else "certificates.days", n=abs(days)))
