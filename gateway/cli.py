"""`cmo-gateway`: the commands of a node. Exit codes: 0 done, 1 failed, 2 configuration or arguments at fault."""

from gateway.program import call, program

COMMANDS = {
    "run": ("run:run", "Receive, archive and show until stopped (Ctrl-C or SIGTERM)."),
    "check": ("check:check", "Name every fault of a configuration; start nothing."),
    "keygen": (
        "keys:keygen",
        "Make the keys of this node, for its receipts and for what it sends, or one of a signatory; and public files.",
    ),
    "user": (
        "users:USERS",
        "Accounts of persons who may look at the console: add, list, disable, password, unlock, token.",
    ),
    "close": (
        "keys:close",
        "End a sender: write the statement that closes its streams to one recipient at their last known numbers.",
    ),
    "verify": (
        "proofs:verify",
        "Check a bundle with no network, or all that stands in live topics; exit code 0 only if all of it holds.",
    ),
    "export": (
        "proofs:export",
        "Write entries of a stream with their proofs into a folder, to be checked without a network.",
    ),
    "disclose": (
        "disclosure:disclose",
        "Write what opens withheld fields of a record, out of the manufacturer's own archive.",
    ),
    "replay-alarms": (
        "replay_alarms:replay_alarms",
        "Compute the alarms again from the archive and the agreed limits; exit code 1 where the CMO's differ.",
    ),
    "check-records": (
        "check_records:check_records",
        "Check exported records and weighings against what was agreed; exit code 1 where a rule failed.",
    ),
    "agreement": (
        "agreement:app",
        "Quality agreements: what law or sense they break, their deadlines, papers and signatures.",
    ),
    "why": (
        "why:why",
        "Tell by which clause a holder gets a record or does not, by what the archive knows of batches now.",
    ),
    "batch": ("batch:batch", "Batches, with everything that is known of them."),
    "lot": ("batch:lot", "Lots of material."),
    "retention": (
        "retention:retention",
        "Tell for every batch what must be kept until when, by its expiry, its agreement and the law.",
    ),
    "report": (
        "report:report",
        "Write a report on a room: time in limits, excursions, figures, results, trends, and what it rests on.",
    ),
    "archive": ("archive:app", "The archive: as Parquet files, made anew from the topics, compared."),
    "capability": (
        "capability:capability",
        "Write the report on what makes the exchange eligible for remote audits (134 art. 14, 17), signed by the node.",
    ),
    "provision": (
        "provision:provision",
        "Make brokers let each party reach its own and nothing else.",
    ),
    "settings": ("settings:settings", "Print the reference of all settings, as Markdown."),
}

app = program(__doc__, "gateway.commands", COMMANDS)


def main() -> None:
    """Entry point."""
    call("cmo-gateway", app)
