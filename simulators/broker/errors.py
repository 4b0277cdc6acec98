class BrokerError(Exception):
    """A broker cannot be had. The message is one line: what is missing or wrong, where, what to do."""
