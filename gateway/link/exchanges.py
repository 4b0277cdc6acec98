"""Requests to a broker that aiokafka has not: users of SCRAM, quotas, single settings, several rules at once.

Each is one version of one message of Kafka's protocol, laid out as in Kafka's own definitions
(`clients/src/main/resources/common/message/*.json`).
"""

from collections.abc import Callable
from typing import Any

from aiokafka.protocol.admin import (
    CreateAclsRequest_v1,
    DeleteAclsRequest_v1,
    DescribeAclsRequest_v1,
    DescribeClientQuotasRequest_v0,
)
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Array,
    Boolean,
    CompactArray,
    CompactBytes,
    CompactString,
    Float64,
    Int8,
    Int16,
    Int32,
    Schema,
    String,
    TaggedFields,
)

_TEXT, _COMPACT, _TAGS = String("utf-8"), CompactString("utf-8"), ("tags", TaggedFields)
_FAULT = (("error_code", Int16), ("error_message", _TEXT))


def _exchange(key: int, sent: Schema, answered: Schema, *, version: int = 0, flexible: bool = False) -> Any:
    """Makes requests of one kind from the values of their fields, in order."""

    class Answer(Response):  # type: ignore[misc]  # aiokafka has no types
        API_KEY, API_VERSION, SCHEMA = key, version, answered

    class Sent(RequestStruct):  # type: ignore[misc]
        API_KEY, API_VERSION, SCHEMA = key, version, sent
        RESPONSE_TYPE, FLEXIBLE_VERSION = Answer, flexible

    return _asking(key, Sent)


def _asking(key: int, struct: Any) -> Callable[..., Any]:
    """Makes requests of a layout."""

    class Asked(Request[struct]):  # type: ignore[misc]
        API_KEY = key

        def __init__(self, *fields: Any) -> None:
            self._fields = fields

        def build(self, layout: Any) -> Any:
            return layout(*self._fields)

    return Asked


describe_rules = _asking(29, DescribeAclsRequest_v1)
create_rules = _asking(30, CreateAclsRequest_v1)
delete_rules = _asking(31, DeleteAclsRequest_v1)
describe_quotas = _asking(48, DescribeClientQuotasRequest_v0)

alter_settings = _exchange(
    44,
    Schema(
        (
            "resources",
            Array(
                ("resource_type", Int8),
                ("resource_name", _TEXT),
                ("configs", Array(("name", _TEXT), ("config_operation", Int8), ("value", _TEXT))),
            ),
        ),
        ("validate_only", Boolean),
    ),
    Schema(
        ("throttle_time_ms", Int32),
        ("responses", Array(*_FAULT, ("resource_type", Int8), ("resource_name", _TEXT))),
    ),
)
"""IncrementalAlterConfigs: what is not named stays (KIP-339)."""

_ENTITY = ("entity", Array(("entity_type", _TEXT), ("entity_name", _TEXT)))
alter_quotas = _exchange(
    49,
    Schema(
        ("entries", Array(_ENTITY, ("ops", Array(("key", _TEXT), ("value", Float64), ("remove", Boolean))))),
        ("validate_only", Boolean),
    ),
    Schema(("throttle_time_ms", Int32), ("entries", Array(*_FAULT, _ENTITY))),
)
"""AlterClientQuotas (KIP-546)."""

describe_users = _exchange(
    50,
    Schema(("users", CompactArray(("name", _COMPACT), _TAGS)), _TAGS),
    Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("error_message", _COMPACT),
        (
            "results",
            CompactArray(
                ("user", _COMPACT),
                ("error_code", Int16),
                ("error_message", _COMPACT),
                ("credential_infos", CompactArray(("mechanism", Int8), ("iterations", Int32), _TAGS)),
                _TAGS,
            ),
        ),
        _TAGS,
    ),
    flexible=True,
)
"""DescribeUserScramCredentials (KIP-554)."""

alter_users = _exchange(
    51,
    Schema(
        ("deletions", CompactArray(("name", _COMPACT), ("mechanism", Int8), _TAGS)),
        (
            "upsertions",
            CompactArray(
                ("name", _COMPACT),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                _TAGS,
            ),
        ),
        _TAGS,
    ),
    Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(("user", _COMPACT), ("error_code", Int16), ("error_message", _COMPACT), _TAGS),
        ),
        _TAGS,
    ),
    flexible=True,
)
"""AlterUserScramCredentials (KIP-554): the broker is given the salted password, never the password."""
