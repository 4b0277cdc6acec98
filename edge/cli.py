"""`cmo-edge`: the commands of the agent. Exit codes: 0 done, 1 failed, 2 the configuration has faults."""

from gateway.program import call, program

COMMANDS = {
    "run": (
        "run:run",
        "Read, alarm and publish until stopped (Ctrl-C or SIGTERM); SIGHUP reads the configuration again.",
    ),
    "check": (
        "check:check",
        "Name every fault of a configuration; with --connect, also what the devices say to it. Sends nothing.",
    ),
    "read": ("read:read", "Connect to the sources and show live values with their status; send nothing."),
    "status": (
        "status:status",
        "How the sources, the uplink and the journal of the running agent are, and what holders have confirmed.",
    ),
    "reload": (
        "reload:reload",
        "Have the running agent read its configuration again; sources that did not change go on untouched.",
    ),
    "page": (
        "page:page",
        "Serve the line page: rooms, values and alarms of the running agent, with no uplink. Until stopped.",
    ),
    "keygen": (
        "keygen:keygen",
        "Make the key that seals this agent's streams, and the public file that holders are given.",
    ),
    "certificate": (
        "certificate:certificate",
        "Make the certificate and key by which a server knows this agent (OPC UA). Files that are there stay.",
    ),
    "browse": (
        "browse:browse",
        "Show the tree of an OPC UA server, then its variables as a list that `tags_file` takes.",
    ),
    "probe": (
        "probe:probe",
        "Show what a device says of itself, and each number in every word and byte order (Modbus). Nothing is written.",
    ),
    "record": (
        "recordings:record",
        "Read one source through a relay and write down every octet of both sides, with its time. Publishes nothing.",
    ),
    "replay": (
        "recordings:replay",
        "Play the recorded device until stopped; of OPC UA, whose messages never repeat, show the frames instead.",
    ),
    "tags": ("tags:app", "Tag lists as CSV or Excel files."),
    "alarms": (
        "alarms:alarms",
        "The alarms of the running agent that are open; shelved ones and those out of service behind.",
    ),
    "acknowledge": ("alarms:acknowledge", "Acknowledge an alarm, with a reason."),
    "reset": ("alarms:reset", "Reset a latched alarm whose value is back."),
    "shelve": ("alarms:shelve", "Keep an alarm quiet for a time; it comes back by itself."),
    "unshelve": ("alarms:unshelve", "End a shelving before its time."),
    "out-of-service": ("alarms:out_of_service", "Take an alarm out of service, until somebody returns it."),
    "return-to-service": ("alarms:return_to_service", "Return an alarm to service."),
    "test-alarms": (
        "chain:test_alarms",
        "Try beacon, mail, webhooks and uplink with marked messages. Exit code 1 when one of them fails.",
    ),
    "weigh": (
        "weigh:weigh",
        "Take a weighing of record at a balance. Exit code 1 when it is refused; that is a record too.",
    ),
    "accept-identity": (
        "weigh:accept_identity",
        "Accept the device that answers now as the one that is meant, so that its data are Good again.",
    ),
    "map": ("map:app", "Mapping files: what the columns of an export mean."),
    "exports": ("exports:exports", "The newest files that came, and what became of their rows."),
    "refused": (
        "exports:refused",
        "Files and rows that gave no record, with the reason. Exit code 1 when there are any.",
    ),
    "reread": ("exports:reread", "Have the running agent read a kept file once more, by the mappings as they are now."),
    "dismiss": (
        "exports:dismiss",
        "Say that what was refused of a file needs nothing more; the alarm of a refused file returns.",
    ),
    "settings": ("settings:settings", "Print the reference of all settings, as Markdown."),
}

app = program(__doc__, "edge.commands", COMMANDS)


def main() -> None:
    """Entry point."""
    call("cmo-edge", app)
