from hypothesis import given
from hypothesis import strategies as st

from adapters.modbus.plan import Block, Limits, Span, Table, halves, plan

tables: st.SearchStrategy[Table] = st.sampled_from(["holding", "input", "coil"])
spans = st.lists(st.builds(Span, tables, st.integers(0, 300), st.integers(1, 4)), min_size=1, max_size=60)
limits = st.builds(Limits, st.integers(4, 125), st.integers(4, 2000), st.integers(0, 10))


@given(spans, limits)
def test_every_span_is_whole_in_one_block_within_the_limits(wanted: list[Span], most: Limits) -> None:
    """A 32-bit value is never put together from two answers (F26)."""
    blocks = plan(wanted, most)
    placed = [span for block in blocks for span in block.spans]
    assert sorted(placed) == sorted(set(wanted))
    for block in blocks:
        assert block.count <= (most.bits if block.table == "coil" else most.registers)
        for span in block.spans:
            assert span.table == block.table
            assert block.start <= span.start
            assert span.end <= block.start + block.count


@given(spans, limits)
def test_no_address_is_read_across_a_wider_gap_than_allowed(wanted: list[Span], most: Limits) -> None:
    """Reading has effects in some devices, so only what was allowed is read along."""
    needed = {(span.table, address) for span in wanted for address in range(span.start, span.end)}
    for block in plan(wanted, most):
        unused = 0
        for address in range(block.start, block.start + block.count):
            unused = 0 if (block.table, address) in needed else unused + 1
            assert unused <= most.gap


@given(spans, limits)
def test_halves_hold_what_the_block_held(wanted: list[Span], most: Limits) -> None:
    """So that a refused address is found without losing another."""
    for block in plan(wanted, most):
        if len(block.spans) > 1:
            first, second = halves(block)
            assert first.spans + second.spans == block.spans


def test_neighbours_are_read_at_once_and_gaps_only_up_to_the_limit() -> None:
    """Three values side by side are one request; a gap of three is bridged only where it is allowed."""
    wanted = [Span("holding", 0, 2), Span("holding", 2, 1), Span("holding", 6, 2)]
    assert plan(wanted, Limits(125, 2000, 0)) == [
        Block("holding", 0, 3, (wanted[0], wanted[1])),
        Block("holding", 6, 2, (wanted[2],)),
    ]
    assert plan(wanted, Limits(125, 2000, 3)) == [Block("holding", 0, 8, tuple(wanted))]
