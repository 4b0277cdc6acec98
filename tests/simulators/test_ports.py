import socket

from simulators.ports import free_port, is_free


def test_a_free_port_is_below_the_ephemeral_range() -> None:
    """Linux hands out ports from 32768 to clients, also the one of a device that is down."""
    port = free_port()
    assert is_free(port)
    assert port < 32_768


def test_a_port_that_listens_is_not_free() -> None:
    """As soon as it is closed it is."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)
