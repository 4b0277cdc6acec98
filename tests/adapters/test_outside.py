"""A protocol that somebody else brings: one folder and one line, nothing of ours touched."""

import os
import subprocess
import sys
from pathlib import Path

PROTOCOL = '''
import asyncio
from typing import Literal

from adapters.contract import Adapter, SourceSettings, TagSettings, now, tag_table
from pydantic import Field
from schemas.frame import frame_of
from schemas.status import Reason, StatusCode


class DiceSettings(SourceSettings):
    """A die that shows one number."""

    type: Literal["dice"] = Field(description="A die.")
    shows: int = Field(description="What it shows.")
    tag: TagSettings = Field(description="The number.")

    @property
    def all_tags(self):
        return (self.tag,)


class Dice:
    def __init__(self, settings):
        self._settings, self.tags = settings, tag_table(settings)

    async def connect(self):
        pass

    async def frames(self):
        while True:
            row = (0, float(self._settings.shows), StatusCode.GOOD, Reason.NONE, None)
            yield frame_of(self._settings.name, self.tags, [row], received=now())
            await asyncio.sleep(0.1)

    async def acknowledge(self, frame):
        pass

    async def close(self):
        pass


ADAPTER = Adapter(settings=DiceSettings, source=Dice)
'''
CONFIGURATION = """
cmo: cmo-a
sender: line-3
recipients: [holder-b]
site: {site}
kafka: {{bootstrap: "127.0.0.1:9092", security: plaintext}}
journal: j.db
key: k.key
trust: [n.vkey]
sources:
  - {{type: dice, name: die, shows: 4, tag: {{name: Die}}}}
"""
SITE = """
site: plant-a
name: {en: Plant A, zh: 甲工厂}
line: line-3
zone: Asia/Shanghai
rooms: [{id: M1, name: {en: Air lock, zh: 气锁间}, grade: C, at: [0, 0, 1, 1]}]
"""


def test_a_protocol_from_outside_the_package_is_one_folder_and_one_line(tmp_path: Path) -> None:
    """Installed beside, it is checked, read and named in the settings reference."""
    package, metadata = tmp_path / "dice", tmp_path / "dice-1.0.dist-info"
    for folder in (package, metadata):
        folder.mkdir()
    (package / "__init__.py").write_text(PROTOCOL)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: dice\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[cmo_gateway.adapters]\ndice = dice:ADAPTER\n")
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "edge.yaml").write_text(CONFIGURATION.format(site="site.yaml"))
    program = Path(sys.executable).with_name("cmo-edge")

    def command(*arguments: str) -> str:
        done = subprocess.run(
            [program, *arguments], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "1 sources, 1 tags" in command("check", "edge.yaml")
    assert command("read", "edge.yaml", "--seconds", "2").split()[:4] == ["Die", "4", "1", "Good"]
    assert "Sources of type `dice`" in command("settings")
