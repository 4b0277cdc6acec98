"""Units that several sources look up at once."""

import subprocess
import sys

AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
from schemas.units import check_unit

codes = ["g/mL", "mg/L", "{CFU}/mL", "kPa", "mol/L", "L/h"]
with ThreadPoolExecutor(len(codes)) as pool:
    print(list(pool.map(check_unit, codes)) == codes)
"""


def test_threads_may_be_the_first_to_look_up_units_together() -> None:
    """In a process that has looked up none: the parser behind is made once, and whole."""
    done = subprocess.run([sys.executable, "-c", AT_ONCE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr[-500:]
