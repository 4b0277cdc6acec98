"""The time line of a batch: a lane for each room, and one for each sort of thing that happened."""

from gateway.console.pages.lanes import ticks
from gateway.console.parts import Tag
from gateway.console.visit import Visit
from gateway.views.batches import Lane, Piece, Timeline
from gateway.views.gaps import placed


def draw(visit: Visit, line: Timeline) -> None:
    """All lanes over one axis."""
    say, clock = visit.say, visit.clock
    begin, end = clock.stamp(line.begin), clock.stamp(line.end)
    label = say("batches.lanes.line", begin=begin, end=end)
    with Tag("section", "block batch-line", aria_label=label):
        for lane in line.lanes:
            with Tag("div", "batch-lane"):
                Tag("span", "lane-name", _name(visit, lane))
                with Tag("ul", "lane plain"):
                    for piece in lane.pieces:
                        _piece(visit, piece, line)
        with Tag("div", "axis", aria_hidden="true"):
            for text in ticks(line.begin, line.end, clock):
                Tag("span", "", text)


def _name(visit: Visit, lane: Lane) -> str:
    if not lane.room:
        return visit.say(f"batches.lanes.{lane.key}")
    rooms = {room.id: f"{room.id} {visit.say.name(room.name)}" for room in visit.site.rooms}
    return rooms.get(lane.key, lane.key) or visit.say("batches.lanes.no_room")


def _piece(visit: Visit, piece: Piece, line: Timeline) -> None:
    say, clock = visit.say, visit.clock
    left, width = placed(piece.began, piece.began if piece.ended is None else piece.ended, line.begin, line.end)
    if piece.open:
        text = say("batches.piece", what=piece.text, begin=clock.stamp(piece.began), end=say("batches.lasts"))
    elif piece.ended is None:
        text = say("batches.moment", what=piece.text, begin=clock.stamp(piece.began))
    else:
        text = say("batches.piece", what=piece.text, begin=clock.stamp(piece.began), end=clock.stamp(piece.ended))
    shape = "moment" if piece.ended is None and not piece.open else "stretch"
    style = f"left:{left:.3f}%;width:{width:.3f}%"
    with Tag("li", f"piece {shape} {piece.tone}{' open' if piece.open else ''}", style=style, title=text, tabindex=0):
        Tag("span", "sr", text)
        if shape == "stretch" and piece.tone not in {"action", "data"}:
            Tag("span", "piece-name", piece.text, aria_hidden="true")
