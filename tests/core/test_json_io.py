"""JSON over the wire: strict reading, and writing that loses nothing."""

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
def test_what_is_written_is_read_back_the_same(value: Any) -> None:
    assert json_io.read(json_io.write(value)) == value
    assert json_io.read(json_io.pretty(value).encode()) == value


@given(st.binary(max_size=80))
def test_reading_agrees_with_the_standard_library_where_both_read(data: bytes) -> None:
    found = json_io.read(data)
    if not isinstance(found, json_io.NotJson):
        assert found == json.loads(data)


def test_whole_numbers_keep_their_digits() -> None:
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
def test_what_strict_json_cannot_say_is_written_all_the_same(value: Any, written: bytes) -> None:
    assert json_io.write(value) == written


@pytest.mark.parametrize("value", [{"a": {1}}, {"a": b"x"}, {"a": object()}, {(1, 2): 3}])
def test_what_no_json_can_say_is_refused_in_words(value: Any) -> None:
    with pytest.raises(InputError, match="cannot be written as JSON"):
        json_io.write(value)


@pytest.mark.parametrize(("levels", "fits"), [(json_io.MAX_DEPTH, True), (json_io.MAX_DEPTH + 1, False)])
def test_as_many_levels_as_are_allowed_are_read(levels: int, fits: bool) -> None:
    text = b"[" * levels + b"]" * levels
    assert isinstance(json_io.read(text), json_io.NotJson) != fits
    assert bool(json_io.plain(json.loads(text))[1]) != fits


def test_a_value_that_holds_itself_is_refused_in_words() -> None:
    value: dict[str, Any] = {}
    value["a"] = value
    assert json_io.plain(value)[1][0].kind == "depth"


@pytest.mark.parametrize(
    ("text", "twice"),
    [
        ('{"a": 1, "b": 2}', []),
        ('{"a": 1, "a": 1}', ["a"]),
        ('{"p": {"x": 1, "y": 2, "x": 3}, "p": 4}', ["x", "p"]),
        ('{"a": "not a \\" : key"}', []),
        ('[{"a" : 1}, {"a":1}]', []),
    ],
)
def test_keys_that_stand_twice(text: str, twice: list[str]) -> None:
    assert json_io.duplicate_keys(text.encode(), json_io.read(text.encode())) == twice


def test_odd_values_are_named_with_their_place_and_kept() -> None:
    value, odd = json_io.plain({"a": [1, math.nan], "b": {"c": "\udc00"}, 4: 1})
    assert [(o.place, o.kind) for o in odd] == [
        (("a", 1), "not-finite"),
        (("b", "c"), "surrogate"),
        (("4",), "key"),
    ]
    assert math.isnan(value["a"][1])
