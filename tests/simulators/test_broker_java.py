from pathlib import Path

import pytest

from simulators.broker.errors import BrokerError
from simulators.broker.java import find_java, find_maven, java_version


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def fake_java(folder: Path, version: str) -> Path:
    return script(folder / "bin" / "java", f"echo 'openjdk version \"{version}\" 2025-04-15' >&2")


@pytest.mark.parametrize(
    ("banner", "major"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('openjdk version "25-ea" 2025-09-16', 25),
        ('java version "1.8.0_392"', 8),
        ('Picked up JAVA_TOOL_OPTIONS: -Dx=17\nopenjdk version "11.0.2" 2019-01-15', 11),
        ("The operation couldn't be completed. Unable to locate a Java Runtime.", None),
    ],
)
def test_java_version_is_the_major_number(banner: str, major: int | None) -> None:
    """`java -version` of different ages and makers."""
    assert java_version(banner) == major


def test_java_home_comes_before_path(tmp_path: Path) -> None:
    """A person who sets JAVA_HOME means it."""
    home, path = fake_java(tmp_path / "home", "21.0.1"), fake_java(tmp_path / "path", "17.0.1")
    assert find_java({"JAVA_HOME": str(tmp_path / "home"), "PATH": str(path.parent)}) == home


def test_an_old_java_is_passed_over_for_a_newer_one_later_on_the_path(tmp_path: Path) -> None:
    """Several Javas are common; the first that is new enough is taken."""
    old, new = fake_java(tmp_path / "old", "1.8.0_392"), fake_java(tmp_path / "new", "17.0.1")
    assert find_java({"PATH": f"{old.parent}:{new.parent}"}) == new


def test_a_java_that_cannot_be_run_is_passed_over(tmp_path: Path) -> None:
    """A version manager's shim without a target exits with an error."""
    shim, real = script(tmp_path / "shim" / "java", "exit 127"), fake_java(tmp_path / "real", "17")
    assert find_java({"PATH": f"{shim.parent}:{real.parent}"}) == real


def test_without_a_fitting_java_one_line_says_what_was_found_and_what_to_install(tmp_path: Path) -> None:
    """An old Java and a broken one: both named."""
    old, shim = fake_java(tmp_path / "old", "11.0.2"), script(tmp_path / "shim" / "java", "exit 127")
    with pytest.raises(BrokerError) as caught:
        find_java({"PATH": f"{old.parent}:{shim.parent}"})
    message = str(caught.value)
    assert f"{old} is version 11; {shim} is not working" in message
    assert "apt-get install" in message
    assert "\n" not in message


def test_maven_is_found_on_the_path(tmp_path: Path) -> None:
    """The first executable called mvn."""
    mvn = script(tmp_path / "mvn", "exit 0")
    assert find_maven({"PATH": str(tmp_path)}) == mvn


def test_without_maven_one_line_says_what_to_install(tmp_path: Path) -> None:
    """An empty PATH."""
    with pytest.raises(BrokerError, match="apt-get install maven"):
        find_maven({"PATH": str(tmp_path)})
