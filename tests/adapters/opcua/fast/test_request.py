from datetime import UTC, datetime, timedelta
from typing import Any

from asyncua import ua
from asyncua.ua.ua_binary import nodeid_to_binary, struct_to_binary
from hypothesis import given
from hypothesis import strategies as st

from adapters.opcua.fast.request import publish_request

numbers = st.integers(0, 2**32 - 1)
identifiers: st.SearchStrategy[Any] = st.integers(0, 255) | numbers | st.text(max_size=8) | st.uuids()
moments = st.integers(0, 4_000_000_000_000_000)


@given(identifiers, moments, numbers, numbers, st.lists(numbers, max_size=5))
def test_a_request_has_the_octets_of_the_library(
    identifier: Any, sent: int, handle: int, subscription: int, acknowledged: list[int]
) -> None:
    """Whatever token the server gave, with or without acknowledgements."""
    token = ua.NodeId(identifier, ua.Int16(0))
    request = ua.PublishRequest()
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=sent)
    request.RequestHeader = ua.RequestHeader(token, moment, ua.IntegerId(handle))
    request.Parameters.SubscriptionAcknowledgements = [
        ua.SubscriptionAcknowledgement(ua.IntegerId(subscription), ua.Counter(number)) for number in acknowledged
    ]
    ours = publish_request(nodeid_to_binary(token), sent, handle, subscription, acknowledged)
    assert ours == struct_to_binary(request)
