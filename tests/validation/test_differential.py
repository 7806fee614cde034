"""Validation agrees with the reference implementation of JSON Schema."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import hypothesis.strategies as st
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from mctoolkit import validate
from mctoolkit.spec import catalog, schemas
from tests.validation.test_validate import GOOD, MISSING, NOW_MS

NOT_IN_THE_SCHEMA = {"downloaded"}
"""Rules that are not in the schema."""


def _reference(event: str) -> jsonschema.Draft4Validator:
    """Return the reference validator, with ``\\Z`` for ``$``, which accepts a final line break in Python."""
    schema = json.loads(json.dumps(schemas.schema(event)).replace('+$"', '+\\\\Z"').replace('64}$"', '64}\\\\Z"'))
    jsonschema.Draft4Validator.check_schema(schema)
    return jsonschema.Draft4Validator(schema)


REFERENCE = {event: _reference(event) for event in catalog.event_types()}


def is_valid_by_reference(event: str, body: Any) -> bool:
    """Return whether a body is strict JSON and valid by the reference implementation."""
    try:
        text = json.dumps(body, allow_nan=False, ensure_ascii=False)
        text.encode("utf-8")
    except (ValueError, TypeError, UnicodeEncodeError, RecursionError):
        return False
    if not _keys_are_texts(body) or not _fits_a_double(body):
        return False
    return bool(REFERENCE[event].is_valid(json.loads(text)))


def _keys_are_texts(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _keys_are_texts(member) for key, member in value.items())
    return all(map(_keys_are_texts, value)) if isinstance(value, list) else True


def _fits_a_double(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_fits_a_double, value.values()))
    if isinstance(value, list):
        return all(map(_fits_a_double, value))
    try:
        return not isinstance(value, int) or math.isfinite(float(value))
    except OverflowError:
        return False


def is_valid(body: Any) -> bool:
    verdict = validate(body, now_ms=NOW_MS)
    return not [problem for problem in verdict.errors if problem.rule not in NOT_IN_THE_SCHEMA]


leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=2**53, max_value=2**70),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(
        [0, 1, 23.0, -0.0, 1e308, 10**400, 2**63 - 1, 2**63, "", "60", "VOD", "sessionStart", "\ud800", "é"]
    ),
    st.text(st.characters(), max_size=8),
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
names = st.one_of(
    st.sampled_from(sorted(catalog.parameters())),
    st.sampled_from(["media.channelName", "bitrate", "medai.id", "param1", "", "a\n", "show-name", "\ud800", "ping"]),
    st.text(st.characters(), max_size=6),
)
changes = st.lists(
    st.tuples(
        st.sampled_from(
            [
                (),
                ("params",),
                ("playerTime",),
                ("qoeData",),
                ("customMetadata",),
                ("params", "visitor.customerIDs"),
            ]
        ),
        names,
        st.one_of(values, st.just(MISSING)),
    ),
    max_size=4,
)


def _with(body: dict[str, Any], holders: tuple[str, ...], name: str, value: Any) -> None:
    holder: Any = body
    for part in holders:
        if not isinstance(holder.get(part), dict):
            holder[part] = {}
        holder = holder[part]
    if value is MISSING:
        holder.pop(name, None)
    else:
        holder[name] = copy.deepcopy(value)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes)
def test_changed_body_agrees_with_reference(
    made: list[tuple[tuple[str, ...], str, Any]],
) -> None:
    body = copy.deepcopy(GOOD)
    for holders, name, value in made:
        _with(body, holders, name, value)
    event = body.get("eventType")
    event = event if isinstance(event, str) and event in REFERENCE else "sessionStart"
    if body.get("eventType") != event and catalog.nearest(str(body.get("eventType")), REFERENCE) not in (
        None,
        event,
    ):
        return  # validated as the most similar event type; invalid either way
    assert is_valid(body) == is_valid_by_reference(event, body)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(REFERENCE)), values, st.dictionaries(names, values, max_size=4))
def test_any_event_type_agrees_with_reference(event: str, playhead: Any, params: dict[str, Any]) -> None:
    body = {"eventType": event, "playerTime": {"playhead": playhead, "ts": 1}, "params": params}
    assert is_valid(body) == is_valid_by_reference(event, body)


@settings(max_examples=200, deadline=None)
@given(changes)
def test_bytes_agree_with_their_value(made: list[tuple[tuple[str, ...], str, Any]]) -> None:
    body = copy.deepcopy(GOOD)
    for holders, name, value in made:
        _with(body, holders, name, value)
    try:
        text = json.dumps(body, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, UnicodeEncodeError):
        return
    assert is_valid(text) == is_valid(body)


@settings(max_examples=300, deadline=None)
@given(st.one_of(values, st.binary(max_size=60), st.text(max_size=60)))
def test_no_input_raises(thing: Any) -> None:
    verdict = validate(thing, now_ms=NOW_MS)
    assert str(verdict)
    assert verdict._repr_html_()
    verdict.fixed()


deep: Any = {}
for _ in range(3000):
    deep = {"a": deep}

SPECIAL_CASES: list[tuple[str, tuple[str, ...], str, Any]] = [
    ("not a number", ("params",), "media.length", float("nan")),
    ("infinity", ("params",), "media.length", float("inf")),
    ("minus infinity", ("playerTime",), "playhead", float("-inf")),
    ("a key that ends in a line break", ("customMetadata",), "season\n", "2"),
    ("a key with a line break within", ("customMetadata",), "sea\nson", "2"),
    ("a lone surrogate in a value", ("params",), "media.name", "x\udfff"),
    ("a lone surrogate in a key", ("customMetadata",), "\ud83d", "x"),
    ("a pair that is whole", ("params",), "media.name", "😀"),
    ("a number as a key", ("customMetadata",), 3, "x"),  # type: ignore[list-item]
    ("None as a key", ("params",), None, "x"),  # type: ignore[list-item]
    ("a very deep value", ("params",), "media.name", deep),
    ("a very long value", ("params",), "media.name", "x" * 1_000_000),
    ("a very long key", ("params",), "x" * 1_000_000, "x"),
    ("a whole number with a decimal point", ("qoeData",), "media.qoe.bitrate", 23.0),
    ("a whole number beyond 64 bits", ("qoeData",), "media.qoe.bitrate", 10**30),
    ("a whole number beyond a double", ("qoeData",), "media.qoe.bitrate", 10**400),
    ("yes as a number", ("params",), "media.length", True),
    ("the largest time stamp", ("playerTime",), "ts", 2**63 - 1),
    ("beyond the largest time stamp", ("playerTime",), "ts", 2**63),
    ("before the smallest time stamp", ("playerTime",), "ts", -1),
]


@pytest.mark.parametrize(
    ("holders", "name", "value"), [case[1:] for case in SPECIAL_CASES], ids=[c[0] for c in SPECIAL_CASES]
)
def test_special_value_agrees_with_reference(holders: tuple[str, ...], name: Any, value: Any) -> None:
    body = copy.deepcopy(GOOD) if value is not deep else {**GOOD, "params": dict(GOOD["params"])}
    holder: Any = body
    for part in holders:
        holder = holder.setdefault(part, {})
    holder[name] = value
    expected = value is not deep and is_valid_by_reference("sessionStart", body)
    assert is_valid(body) == expected


@pytest.mark.parametrize("number", ["int64", "uint64", "float64", "float32", "int8"])
def test_numpy_numbers_agree_with_python_numbers(number: str) -> None:
    import numpy as np

    body = copy.deepcopy(GOOD)
    body["params"]["media.length"] = np.dtype(number).type(60)
    body["qoeData"] = {"media.qoe.bitrate": np.dtype(number).type(60)}
    as_python = copy.deepcopy(GOOD)
    as_python["params"]["media.length"] = np.dtype(number).type(60).item()
    as_python["qoeData"] = {"media.qoe.bitrate": np.dtype(number).type(60).item()}
    assert is_valid(body) == is_valid_by_reference("sessionStart", as_python)


def test_both_validators_accept_and_reject() -> None:
    assert is_valid_by_reference("sessionStart", GOOD)
    assert not is_valid_by_reference("sessionStart", {**GOOD, "x": 1})
    assert not is_valid_by_reference("sessionStart", {**GOOD, "customMetadata": {"a\n": "x"}})
    assert is_valid(GOOD)
    assert not is_valid({**GOOD, "x": 1})
