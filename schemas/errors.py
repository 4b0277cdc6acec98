"""What ends a command without being a fault of the program."""


class ToldError(Exception):
    """A fault of what was given, or of what is around: a command tells it in one line and ends, without a traceback."""
