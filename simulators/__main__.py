"""`python -m simulators`: the same as `cmo-sim`."""

from simulators.cli import main

main()
