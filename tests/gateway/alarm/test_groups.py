"""One cause, one alarm with its consequences beneath."""

from dataclasses import replace

from gateway.alarm.condition import Condition
from gateway.alarm.engine import Engine
from schemas.records import AlarmEvent, AlarmKind
from tests.gateway.alarm.support import LOW, Line, at, line

FAN = Condition(tag="fan", kind=AlarmKind.LOW, limit=1.0, group="air")
ROOMS = [replace(LOW, tag=tag, group="air") for tag in ("f1", "m1", "c1")]
OTHER = replace(LOW, tag="store")


def tripped() -> Line:
    one = line(FAN, *ROOMS, OTHER)
    one.say(0, fan=True, f1=30.0, m1=20.0, c1=12.0, store=12.0)
    one.say(100, fan=False)
    for second in range(101, 130):
        fallen = max(0.0, 1 - (second - 100) / 15)
        one.say(second, f1=30.0 * fallen, m1=20.0 * fallen, c1=12.0 * fallen, store=5.0)
        one.tick(second + 0.5)
    return one


def test_a_tripped_fan_is_one_alarm_with_its_consequences() -> None:
    """The fan is the head; the rooms that fall after it carry its alarm. What is in no group stands alone."""
    fan, *rooms = tripped().steps
    assert (fan.condition, fan.group, fan.first_out, fan.head) == ("fan.LOW", "air", True, None)
    inside = [step for step in rooms if step.group]
    assert {step.condition for step in inside} == {"f1.LOW", "m1.LOW", "c1.LOW"}
    assert {(step.first_out, step.head) for step in inside} == {(False, fan.alarm)}
    assert [(step.first_out, step.head) for step in rooms if not step.group] == [(None, None)]


def test_the_group_has_a_new_head_once_all_are_back() -> None:
    """Not before: what comes while one lasts has the same cause."""
    one = tripped()
    head = one.steps[0].alarm
    one.say(200, fan=True, f1=30.0, m1=20.0)
    one.say(210, f1=2.0)
    one.tick(221)
    assert (one.steps[-1].condition, one.steps[-1].head) == ("f1.LOW", head)
    one.say(230, f1=30.0, c1=12.0)
    one.say(300, m1=2.0)
    one.tick(311)
    assert (one.steps[-1].condition, one.steps[-1].first_out) == ("m1.LOW", True)


def test_a_head_that_comes_again_stays_the_head() -> None:
    """The fan starts and trips again before anybody acknowledged it: the same alarm."""
    one = tripped()
    one.say(200, fan=True)
    (again,) = one.say(201, fan=False)
    assert (again.event, again.alarm, again.first_out, again.head) == (
        AlarmEvent.RAISED, one.steps[0].alarm, True, None,
    )  # fmt: skip


def test_a_group_outlives_the_agent() -> None:
    """The next consequence carries the same head."""
    one = tripped()
    engine = Engine([FAN, *ROOMS, replace(LOW, tag="g1", group="air")])
    engine.restore({step.condition: step for step in one.steps}.values(), at(400))
    two = Line(engine)
    two.say(401, g1=3.0)
    (raised,) = two.tick(412)
    assert (raised.first_out, raised.head) == (False, one.steps[0].alarm)
