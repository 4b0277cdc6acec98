import os
import subprocess
import sys

from tests.bench.compare.proc import cpu_of, family, peak_of, threads, usage

STAT = "4711 (a name) with ) brackets) S 1 4711 4711 0 -1 4194560 900 0 0 0 250 50 30 20 20 0 4 0 12345 1 2 3"
STATUS = "Name:\tcmo-edge\nVmPeak:\t  300000 kB\nVmHWM:\t   92160 kB\nVmRSS:\t   81920 kB\n"


def test_cpu_is_that_of_the_process_and_its_ended_children() -> None:
    """Fields 14 to 17 of proc(5), whatever the name holds."""
    assert cpu_of(STAT, ticks=100) == 3.5


def test_the_peak_is_told_in_mib() -> None:
    assert peak_of(STATUS) == 90
    assert peak_of("Name:\tzombie\n") == 0


def test_the_family_has_children_of_children() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(flush=True); input()'])"
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    parent.stdout.readline()  # of the grandchild: both run
    found = family(os.getpid())
    parent.communicate(b"\n")
    assert os.getpid() in found
    assert parent.pid in found
    assert len(found) >= 3


def test_usage_grows_with_what_a_process_works_and_holds() -> None:
    """A process of its own: the kernel's peak of a long-lived one is settled only now and then."""
    code = "input(); held = bytes(range(256)) * 2**19; sum(range(20_000_000)); print(flush=True); input()"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    before = usage(child.pid)
    child.stdin.write(b"\n")
    child.stdin.flush()
    child.stdout.readline()
    after = usage(child.pid)
    running = threads(child.pid)
    child.communicate(b"\n")
    assert after.cpu > before.cpu
    assert after.rss > before.rss + 64 > 64  # of the 128 MiB that it holds
    assert len(running) == 1
