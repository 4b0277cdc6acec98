"""A small site that is right, to be changed by tests."""

from pathlib import Path

from gateway.cleanroom.loading import load_site
from gateway.cleanroom.site import Site

SITE = """\
site: plant-a
name: {en: Plant A, zh: 甲工厂}
line: line-3
zone: Asia/Shanghai
profiles: [cn-gmp-2010, chp-2020]
buildings: [{id: b1, name: {en: One, zh: 一号楼}}]
rooms:
  - id: F1
    name: {en: Filling, zh: 灌装间}
    grade: B
    at: [0, 0, 1, 1]
    building: b1
    group: ahu-1
    batch: F1.Batch
    state: {tag: F1.Use, values: {0: at_rest, 1: in_operation, 2: cleaning, 3: out_of_use}}
    tags: {temperature: F1.Temperature, particles_0_5: F1.Particles05}
    levels:
      temperature: {action: [{low: 18}, {high: 26}], alert: [{high: 25}]}
      particles_0_5: {action: [{high: 3520, states: [at_rest]}, {high: 352000, states: [in_operation, cleaning]}]}
    points:
      - {tag: F1.Hood.PerM3, quantity: particles_0_5, grade: A, levels: {action: [{high: 3520}]}}
  - {id: M1, name: {en: Air lock, zh: 气锁间}, grade: C, at: [1, 0, 1, 1]}
  - {id: W1, name: {en: Weighing, zh: 称量间}, grade: C, at: [2, 0, 1, 1], dust: true}
  - {id: C1, name: {en: Corridor, zh: 走廊}, grade: CNC, at: [3, 0, 1, 1]}
differentials:
  - {tag: F1.DP.M1, room: F1, against: M1, wanted: out, limit: {low: 10}, alert: {low: 12}}
  - {tag: W1.DP.C1, room: W1, against: C1, limit: {high: -10}}
doors:
  - {tag: Door.F1-M1, between: [F1, M1], open_time: 30, cap: 60}
  - {tag: Door.M1-C1, between: [M1, C1]}
air_locks:
  - {room: M1, doors: [Door.F1-M1, Door.M1-C1], delay: 1}
counters:
  - {room: F1, counts: {particles_0_5: F1.Hood}, record: F1.Hood.Record, seconds: F1.Hood.Seconds, flow: 28.3}
sampling:
  - {id: F1.SP1, room: F1, method: settle_plate, tag: F1.SP1.Count, plan: {days: [mon], from: "08:00", within: 8},
     levels: {action: [{high: 5}], alert: [{high: 3}]}}
water:
  - id: WFI
    name: {en: Return, zh: 回水}
    kind: water_for_injection
    temperature: WFI.Temperature
    pharmacopoeia: chp-2020
    conductivity_alert: 80
    tests:
      conductivity: {tag: WFI.Conductivity}
      toc: {tag: WFI.TOC, levels: {action: [{high: 0.5}]}}
      microbes: {tag: WFI.Microbes, plan: {days: [tue]}, levels: {action: [{high: 10}]}}
combined:
  - {id: F1.Both, room: F1, at_least: 2, of: [F1.Temperature.HIGH, F1.DP.M1.LOW]}
watch: {silence: 60, bad_status: 30}
"""


def site(folder: Path, *changes: tuple[str, str]) -> Site:
    """The site after these changes of its text, each of which is there once. Raises ConfigurationError."""
    text = SITE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file = folder / "site.yaml"
    file.write_text(text, encoding="utf-8")
    return load_site(file)
