import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from simulators.broker import jars
from simulators.broker.errors import BrokerError
from simulators.broker.jars import CHECKSUMS, KAFKA_VERSION, POM, ensure_jars, jars_directory, wrong_jars

FETCH = """
import sys
from pathlib import Path
from simulators.broker import jars
jars.CHECKSUMS = Path(sys.argv[2])
jars.ensure_jars(Path(sys.argv[1]))
"""
COPY_ONE_JAR = """
for last; do :; done
echo run >> "$RUNS"
while [ -e "$RUNS.hold" ]; do sleep 0.05; done
mkdir -p "${last#-DoutputDirectory=}"
printf jar > "${last#-DoutputDirectory=}/a.jar"
"""


def checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def fake_maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Maven whose whole repository is `a.jar`. The file given back has a line per run; `.hold` beside it halts."""
    mvn = tmp_path / "bin" / "mvn"
    mvn.parent.mkdir()
    mvn.write_text(f"#!/bin/sh\n{COPY_ONE_JAR}")
    mvn.chmod(0o755)
    monkeypatch.setenv("PATH", f"{mvn.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def one_jar_expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    expected = tmp_path / "jars.sha256"
    expected.write_text(f"{checksum(b'jar')}  a.jar\n")
    monkeypatch.setattr(jars, "CHECKSUMS", expected)
    return expected


def test_the_version_told_is_the_version_fetched() -> None:
    """pom.xml, checksums and the constant name one Kafka."""
    versions = dict(re.findall(r"<artifactId>(.*?)</artifactId>\s*<version>(.*?)</version>", POM.read_text()))
    assert versions["kafka_2.13"] == versions["kafka-tools"] == KAFKA_VERSION
    assert f"  kafka_2.13-{KAFKA_VERSION}.jar\n" in CHECKSUMS.read_text()


def test_missing_altered_and_unexpected_jars_are_named(tmp_path: Path) -> None:
    """What is right is not."""
    for name in ("right.jar", "altered.jar", "unexpected.jar"):
        (tmp_path / name).write_bytes(name.encode())
    lines = [(checksum(b"right.jar"), "right.jar"), (checksum(b"x"), "altered.jar"), (checksum(b"y"), "missing.jar")]
    text = "".join(f"{digest}  {name}\n" for digest, name in lines)
    assert wrong_jars(tmp_path, text) == ["altered.jar", "missing.jar", "unexpected.jar"]


@pytest.mark.usefixtures("one_jar_expected")
def test_jars_are_fetched_once(tmp_path: Path, fake_maven: Path) -> None:
    """The second call finds them, and says nothing."""
    told: list[str] = []
    libs = ensure_jars(tmp_path / "cache", tell=told.append)
    assert [path.name for path in libs.iterdir()] == ["a.jar"]
    told.clear()
    assert ensure_jars(tmp_path / "cache", tell=told.append) == libs
    assert told == []
    assert fake_maven.read_text() == "run\n"


def test_jars_that_are_not_the_expected_ones_are_refused(tmp_path: Path, fake_maven: Path) -> None:
    """A repository that serves something else leaves nothing under the final name."""
    with pytest.raises(BrokerError, match=r"of Kafka's jars are not those of .*jars\.sha256"):
        ensure_jars(tmp_path / "cache")
    assert not jars_directory(tmp_path / "cache").exists()
    assert not list((tmp_path / "cache").glob("*.part"))


@pytest.mark.usefixtures("fake_maven")
def test_mavens_complaint_is_one_line_with_the_path_of_its_log(tmp_path: Path) -> None:
    """No network, a wrong mirror: Maven's first error is quoted."""
    (tmp_path / "bin" / "mvn").write_text(
        "#!/bin/sh\necho '[ERROR] Could not resolve host'\necho '[ERROR] x'\nexit 1\n"
    )
    with pytest.raises(BrokerError, match=r"^Maven could not fetch Apache Kafka: Could not resolve host \(log: .*\)$"):
        ensure_jars(tmp_path / "cache")


def test_of_two_processes_one_fetches_and_the_other_waits(
    tmp_path: Path, fake_maven: Path, one_jar_expected: Path
) -> None:
    """Demo and tests may be started at the same moment on a fresh machine."""
    hold = fake_maven.with_name("runs.hold")
    hold.touch()
    command = [sys.executable, "-c", FETCH, str(tmp_path / "cache"), str(one_jar_expected)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as first:
        assert first.stderr is not None
        assert "Fetching Apache Kafka" in first.stderr.readline()
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as second:
            assert second.stderr is not None
            assert "Another process is fetching Apache Kafka" in second.stderr.readline()
            hold.unlink()
            assert second.stderr.read() == ""
        assert "is there" in first.stderr.read()
    assert (first.returncode, second.returncode) == (0, 0)
    assert fake_maven.read_text() == "run\n"
