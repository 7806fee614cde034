"""Reading and writing of JSON."""

from __future__ import annotations

import json
import math
from types import MappingProxyType
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from mctoolkit._core import json_io
from mctoolkit._core.errors import InputError

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(json_values)
def test_write_and_read_round_trip(value: Any) -> None:
    assert json_io.read(json_io.write(value)) == value
    assert json_io.read(json_io.pretty(value).encode()) == value


@given(st.binary(max_size=80))
def test_read_agrees_with_standard_library(data: bytes) -> None:
    found = json_io.read(data)
    if not isinstance(found, json_io.NotJson):
        assert found == json.loads(data)


def test_read_keeps_digits_of_large_integers() -> None:
    assert json_io.read(b"[123456789012345678901234567890, 9007199254740993]") == [
        123456789012345678901234567890,
        9007199254740993,
    ]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"a": float("nan")}, b'{"a":NaN}'),
        ({"a": float("inf")}, b'{"a":Infinity}'),
        ({"a": "\ud800"}, b'{"a":"\\ud800"}'),
        ({"a": 10**30}, b'{"a":1000000000000000000000000000000}'),
        ({3: "x"}, b'{"3":"x"}'),
        ({"a": "é"}, '{"a":"é"}'.encode()),
        (MappingProxyType({"a": (1, 2)}), b'{"a":[1,2]}'),
    ],
)
def test_write_value_outside_strict_json(value: Any, written: bytes) -> None:
    assert json_io.write(value) == written


@pytest.mark.parametrize("value", [{"a": {1}}, {"a": b"x"}, {"a": object()}, {(1, 2): 3}])
def test_write_unserializable_value_raises(value: Any) -> None:
    with pytest.raises(InputError, match="cannot be written as JSON"):
        json_io.write(value)


@pytest.mark.parametrize(("levels", "fits"), [(json_io.MAX_DEPTH, True), (json_io.MAX_DEPTH + 1, False)])
def test_max_depth(levels: int, fits: bool) -> None:
    text = b"[" * levels + b"]" * levels
    assert isinstance(json_io.read(text), json_io.NotJson) != fits
    assert bool(json_io.to_json_value(json.loads(text))[1]) != fits


def test_to_json_value_reports_circular_reference() -> None:
    value: dict[str, Any] = {}
    value["a"] = value
    assert json_io.to_json_value(value)[1][0].kind == "depth"


@pytest.mark.parametrize(
    ("text", "duplicates"),
    [
        ('{"a": 1, "b": 2}', []),
        ('{"a": 1, "a": 1}', ["a"]),
        ('{"p": {"x": 1, "y": 2, "x": 3}, "p": 4}', ["x", "p"]),
        ('{"a": "not a \\" : key"}', []),
        ('[{"a" : 1}, {"a":1}]', []),
    ],
)
def test_duplicate_keys(text: str, duplicates: list[str]) -> None:
    assert json_io.duplicate_keys(text.encode(), json_io.read(text.encode())) == duplicates


def test_to_json_value_lists_and_keeps_non_json_values() -> None:
    value, invalid = json_io.to_json_value({"a": [1, math.nan], "b": {"c": "\udc00"}, 4: 1})
    assert [(found.place, found.kind) for found in invalid] == [
        (("a", 1), "not-finite"),
        (("b", "c"), "surrogate"),
        (("4",), "key"),
    ]
    assert math.isnan(value["a"][1])
