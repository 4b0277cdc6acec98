"""What holds for a journal whatever is done with it, in whatever order."""

import shutil
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.journal.entries import STUB
from gateway.journal.journal import Draft, Journal, NotOursError
from gateway.journal.room import DAY, used
from gateway.proof.merkle import Tree
from tests.gateway.journal.test_journal import GAPS, STREAM, draft

OTHER = "cmo-a.line-3.holder-c.measurements.v1"
STREAMS = (STREAM, OTHER, GAPS)


class AnyLife(RuleBasedStateMachine):
    """Append, publish, confirm, wait, reopen; beside it a list of all leaves ever given."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp())
        self.now = 1_700_000_000_000_000
        self.leaves: dict[str, list[bytes]] = {stream: [] for stream in STREAMS}
        self.confirmed = dict.fromkeys(STREAMS, 0)
        self.count = 0
        self.open()

    def open(self) -> None:
        self.journal = Journal(self.folder / "j.db", limit=30_000, days=10, retaining=["kept"], clock=lambda: self.now)

    def root(self, stream: str, size: int) -> bytes:
        tree = Tree()
        tree.extend(b"".join(self.leaves[stream][:size]))
        return tree.root()

    @rule(streams=st.lists(st.tuples(st.sampled_from(STREAMS), st.sampled_from([b"ems", b"kept"])), max_size=25))
    def append(self, streams: list[tuple[str, bytes]]) -> None:
        drafts = []
        for stream, key in streams:
            self.count += 1
            made = draft(self.count, GAPS if stream == GAPS else STREAM)
            drafts.append(Draft(stream, made.kind, key, made.time, made.octets))
        self.journal.append(drafts)
        for stream, leaves in self.leaves.items():
            leaves += [entry.leaf for entry in self.journal.entries(stream, len(leaves), 1000)]

    @rule(stream=st.sampled_from(STREAMS), part=st.floats(0, 1))
    def publish(self, stream: str, part: float) -> None:
        if self.leaves[stream]:
            end = max(self.journal.cursor(stream), int(part * len(self.leaves[stream])))
            self.journal.published({stream: end})

    @rule(stream=st.sampled_from(STREAMS), part=st.floats(0, 1))
    def confirm(self, stream: str, part: float) -> None:
        size = int(part * len(self.leaves[stream]))
        self.journal.confirm(stream, size, self.root(stream, size), 5)
        self.confirmed[stream] = max(self.confirmed[stream], size)

    @rule(stream=st.sampled_from(STREAMS), beyond=st.integers(1, 3))
    def confirm_what_is_not_ours(self, stream: str, beyond: int) -> None:
        size = len(self.leaves[stream])
        for claimed, root in ((size + beyond, bytes(32)), (size, bytes(32))):
            try:
                self.journal.confirm(stream, claimed, root, 5)
            except NotOursError:
                continue
            assert claimed == 0

    @rule(days=st.floats(0, 8))
    def wait(self, days: float) -> None:
        self.now += int(days * DAY)

    @precondition(lambda self: self.count)
    @rule(killed=st.booleans())
    def reopen(self, killed: bool) -> None:
        if killed:  # as the kernel leaves it: the file, its log and the witness as they are
            copy = Path(mkdtemp())
            for file in self.folder.iterdir():
                if not file.name.endswith(("-shm", ".reserve")):
                    shutil.copy(file, copy)
            self.journal.close()
            shutil.rmtree(self.folder)
            self.folder = copy
        else:
            self.journal.close()
        self.open()

    @invariant()
    def numbers_have_no_holes_and_nothing_unconfirmed_is_gone(self) -> None:
        assert self.journal.damage is None
        for stream, leaves in self.leaves.items():
            confirmed = self.confirmed[stream]
            assert self.journal.confirmed(stream)[0] == confirmed
            assert self.journal.size(stream) == len(leaves)
            entries = self.journal.entries(stream, 0, 10_000)
            assert [entry.number for entry in entries] == list(range(confirmed + 1, len(leaves) + 1))
            assert [entry.leaf for entry in entries] == leaves[confirmed:]
            gone = [entry for entry in entries if entry.octets is None]
            assert all(entry.kind == "Frame" and entry.key == b"ems" for entry in gone)

    @invariant()
    def roots_are_those_of_all_leaves(self) -> None:
        for stream, head in self.journal.heads().items():
            assert head.root == self.root(stream, head.size)

    @invariant()
    def what_is_used_is_counted(self) -> None:
        assert self.journal.octets == used(self.journal._db)
        if all(confirmed == len(self.leaves[stream]) for stream, confirmed in self.confirmed.items()):
            assert self.journal.octets < STUB

    def teardown(self) -> None:
        self.journal.close()
        shutil.rmtree(self.folder)


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
