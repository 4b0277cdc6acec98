"""What a site file may not say: each refusal is one line, with file, line and what is wrong."""

import re
from pathlib import Path

import pytest

from gateway.cleanroom import monitored
from gateway.cleanroom.loading import load_site
from gateway.cleanroom.monitored import notes
from gateway.configuration import ConfigurationError
from tests.gateway.cleanroom.sites import SITE, site

LINE_3 = Path(__file__).parents[3] / "simulators" / "line-3" / "site.yaml"
PLAIN = """\
site: plant-a
name: {en: Plant A, zh: 甲工厂}
line: line-3
zone: Asia/Shanghai
rooms:
  - {id: F1, name: {en: Filling, zh: 灌装间}, grade: B, at: [0, 0, 1, 1], tags: {temperature: F1.Temperature}}
  - {id: M1, name: {en: Air lock, zh: 气锁间}, grade: C, at: [1, 0, 1, 1]}
differentials: [{tag: F1.DP.M1, room: F1, against: M1, limit: {low: 10, on_delay: 10}}]
doors: [{tag: Door.F1-M1, between: [F1, M1]}]
"""
GMP = "is looser than cn-gmp-2010/2010"
REFUSALS = {
    "both sides": ("{low: 18}", "{low: 18, high: 20}", "give either low or high"),
    "no side": ("{low: 18}", "{deadband: 1}", "give either low or high"),
    "alert after action": ("[{high: 25}]", "[{high: 27}]", "the alert level 27 comes later than the action level 26"),
    "alert of a differential after its limit": ("{low: 12}", "{low: 9}", "comes later than the action level 10"),
    "against the wanted flow": ("wanted: out", "wanted: in", "air is wanted to flow in, but the level keeps it"),
    "reversed from what": ("limit: {high: -10}", "reversed_by: 2, limit: {high: -10}", "reversed_by needs wanted"),
    "no time to be beyond": ("{low: 18}", "{low: 18, per_hour: -1}", "greater than or equal to 0"),
    "state from nowhere": ("{tag: F1.Use, values: {0: at_rest, 1: in_operation, 2: cleaning, 3: out_of_use}}", "{}",
                           "give either tag with values, or schedule"),
    "state without values": ("values: {0: at_rest, 1: in_operation, 2: cleaning, 3: out_of_use}", "values: {}",
                             "tag and values go together"),
    "state unheard of": ("2: cleaning", "2: sleeping", "Input should be 'at_rest'"),
    "level without a tag": ("particles_0_5: F1.Particles05}", "humidity: F1.Humidity}", "not among the room's tags"),
    "cap before open time": ("cap: 60", "cap: 20", "cap (20 s) must not be shorter than open_time (30 s)"),
    "cap before on-delay": ("limit: {low: 10}", "limit: {low: 10, on_delay: 90}",
                            "F1.DP.M1.LOW: the cap for open doors is below the on-delay"),
    "air lock with one door": ("[Door.F1-M1, Door.M1-C1]", "[Door.F1-M1]", "an air lock has at least two doors"),
    "air lock with an unknown door": ("[Door.F1-M1, Door.M1-C1]", "[Door.F1-M1, Door.M1-C2]",
                                      "no such door: Door.M1-C2; did you mean 'Door.M1-C1'?"),
    "air lock elsewhere": ("{room: M1, doors", "{room: F1, doors", "door Door.M1-C1 does not lead into F1"),
    "counter of warmth": ("{particles_0_5: F1.Hood}", "{temperature: F1.Hood}", "does not count temperature"),
    "counter without flow": ("flow: 28.3", "flow: 0", "seconds and flow must be greater than 0"),
    "counter in no room": ("{room: F1, counts", "{room: F2, counts", "no such room: F2; known are C1, F1, M1, W1"),
    "equipment in no room": ("air_locks:\n", "equipment: [{id: FL3, batch: FL3.Batch, room: F2}]\nair_locks:\n",
                             "no such room: F2"),
    "equipment twice": ("air_locks:\n", "equipment: [{id: FL3, batch: A}, {id: FL3, batch: B}]\nair_locks:\n",
                        "equipment stands twice: FL3"),
    "equipment without a tag": ("air_locks:\n", "equipment: [{id: FL3}]\nair_locks:\n", "batch"),
    "sample in no room": ("F1.SP1, room: F1", "F1.SP1, room: F2", "no such room: F2"),
    "sample by days and dates": ("days: [mon]", "days: [mon], dates: [1]", "give either days or dates"),
    "sample looser": ("[{high: 5}]", "[{high: 6}]",
                      f"F1.SP1: the level 6 {GMP}, annex 1 art. 11: at most 5 {{CFU}}/(4.h)"),
    "sample of grade A": ("method: settle_plate", "grade: A, method: settle_plate",
                          f"F1.SP1: the level 5 {GMP}, annex 1 art. 11: less than 1 {{CFU}}/(4.h)"),
    "particles looser at rest": ("{high: 3520, states: [at_rest]}", "{high: 3600, states: [at_rest]}",
                                 f"F1.Particles05: the level 3600 {GMP}, annex 1 art. 9: at most 3520 {{#}}/m3"),
    "particles in all states": ("{high: 352000, states: [in_operation, cleaning]}", "{high: 352000}",
                                f"F1.Particles05: the level 352000 {GMP}, annex 1 art. 9: at most 3520 {{#}}/m3"),
    "hood looser": ("levels: {action: [{high: 3520}]}}", "levels: {action: [{high: 3521}]}}",
                    f"F1.Hood.PerM3: the level 3521 {GMP}, annex 1 art. 9: at most 3520 {{#}}/m3"),
    "differential looser": ("limit: {low: 10}", "limit: {low: 9.5}",
                            f"F1.DP.M1: the level 9.5 {GMP}, art. 48: at least 10 Pa"),
    "differential looser inwards": ("{high: -10}", "{high: -5}",
                                    f"W1.DP.C1: the level -5 {GMP}, art. 48: at least 10 Pa"),
    "dust outwards": ("limit: {high: -10}", "limit: {low: 10}", "W1.DP.C1: air must flow into W1, where there is dust"),
    "TOC looser": ("[{high: 0.5}]", "[{high: 0.6}]",
                   "is looser than chp-2020/2020, part II 注射用水; chapter 0682: at most 0.5 mg/L"),
    "microbes looser": ("[{high: 10}]", "[{high: 100}]", "at most 10 {CFU}/(100.mL)"),
    "water without its book": ("    pharmacopoeia: chp-2020\n", "", "temperature and pharmacopoeia go together"),
    "water without its temperature": ("    temperature: WFI.Temperature\n    pharmacopoeia: chp-2020\n", "",
                                      "conductivity_alert needs temperature and pharmacopoeia"),
    "water without conductivity": ("      conductivity: {tag: WFI.Conductivity}\n", "", "but no test of conductivity"),
    "book without a table": ("pharmacopoeia: chp-2020", "pharmacopoeia: cn-gmp-2010",
                             "no table of conductivity of water_for_injection in cn-gmp-2010"),
    "unknown profile": ("[cn-gmp-2010, chp-2020]", "[cn-gmp-2011, chp-2020]",
                        "no such profile: cn-gmp-2011; did you mean 'cn-gmp-2010'?"),
    "unknown building": ("building: b1", "building: b2", "no such building: b2; known are b1"),
    "unknown alarm": ("F1.DP.M1.LOW]", "F1.DP.M1.LO]", "no such alarm: F1.DP.M1.LO; did you mean 'F1.DP.M1.LOW'?"),
    "more alarms than there are": ("at_least: 2", "at_least: 3",
                                   "at_least (3) is more than the alarms that are named (2)"),
    "two levels of one side": ("[{low: 18}, {high: 26}]", "[{high: 27}, {high: 26}]",
                               "F1.Temperature.HIGH: two levels of one side and priority, for the same states"),
    "a tag in two places": ("tag: F1.SP1.Count", "tag: F1.Temperature", "tag stands twice: F1.Temperature"),
    "unknown key": ("dust: true", "dusty: true", "unknown key 'dusty'; did you mean 'dust'?"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), REFUSALS.values(), ids=REFUSALS)
def test_what_is_wrong_is_one_line_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    """File and line of the change, or of the section it stands in."""
    with pytest.raises(ConfigurationError) as caught:
        site(tmp_path, (old, new))
    lines = str(caught.value).splitlines()
    assert any(said in line for line in lines), lines
    assert all(line.startswith(f"{tmp_path / 'site.yaml'}:") for line in lines)


@pytest.mark.parametrize(
    "name", ["hood looser", "sample looser", "TOC looser", "differential looser", "cap before on-delay"]
)
def test_a_level_that_is_refused_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    """As it stands in the file."""
    old, new, _ = REFUSALS[name]
    with pytest.raises(ConfigurationError) as caught:
        site(tmp_path, (old, new))
    assert [finding.line for finding in caught.value.findings] == [SITE[: SITE.index(old)].count("\n") + 1]


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    """Of different kinds."""
    changes = [REFUSALS[name][:2] for name in ("differential looser", "unknown building", "microbes looser")]
    with pytest.raises(ConfigurationError) as caught:
        site(tmp_path, *changes)
    assert len(caught.value.findings) == 3


def test_the_looser_of_two_profiles_does_not_excuse(tmp_path: Path) -> None:
    """29 particles of 5 µm are EU's limit for grade A, 20 are China's."""
    hood = ("quantity: particles_0_5, grade: A, levels: {action: [{high: 3520}]}",
            "quantity: particles_5_0, grade: A, levels: {action: [{high: 29}]}")  # fmt: skip
    site(tmp_path, hood, ("[cn-gmp-2010, chp-2020]", "[eu-gmp-annex-1]"))
    with pytest.raises(ConfigurationError, match=r"cn-gmp-2010/2010, annex 1 art\. 9: at most 20"):
        site(tmp_path, hood, ("[cn-gmp-2010, chp-2020]", "[eu-gmp-annex-1, cn-gmp-2010]"))


def test_without_profiles_the_site_sets_its_levels(tmp_path: Path) -> None:
    """And nothing is compared."""
    site(tmp_path, ("profiles: [cn-gmp-2010, chp-2020]\n", ""), ("limit: {low: 10}", "limit: {low: 5}"))


def test_a_room_without_a_state_counts_as_in_operation(tmp_path: Path) -> None:
    """So its particles may be those of grade B in operation."""
    text = "    state: {tag: F1.Use, values: {0: at_rest, 1: in_operation, 2: cleaning, 3: out_of_use}}\n"
    both = "[{high: 3520, states: [at_rest]}, {high: 352000, states: [in_operation, cleaning]}]"
    assert site(tmp_path, (text, ""), (both, "[{high: 352000}]")).room("F1").state is None


@pytest.mark.parametrize("text", [SITE, PLAIN])
def test_a_site_that_is_right_is_taken(tmp_path: Path, text: str) -> None:
    """Also one that has nothing but what sites had to have at first."""
    file = tmp_path / "site.yaml"
    file.write_text(text, encoding="utf-8")
    assert load_site(file).room("F1").grade == "B"


def test_the_site_of_line_3_is_right() -> None:
    """With its levels within China's GMP."""
    assert "cn-gmp-2010" in load_site(LINE_3).profiles


def test_the_site_of_the_readme_is_right_and_watches_everything(tmp_path: Path) -> None:
    """Who copies it begins without a fault."""
    readme = Path(monitored.__file__).with_name("README.md").read_text(encoding="utf-8")
    (sample,) = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    file = tmp_path / "site.yaml"
    file.write_text(sample, encoding="utf-8")
    assert [*notes(load_site(file))] == []
