"""Parsing of numbers and yes/no."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from mctoolkit._core.input_parsing import ParsedNumber, parse_boolean, parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("60", 60), ("60.39", 60.39), ("60,39", 60.39), ("-1", -1), ("+3", 3), (" 7 ", 7), (".5", 0.5), ("5.", 5.0),
        (",5", 0.5), ("1e3", 1000.0), ("1,5e-3", 0.0015), ("1 800", 1800), ("1\u00a0800", 1800), ("1\u202f800,5", 1800.5),
        ("1.800,50", 1800.5), ("1,800.50", 1800.5), ("1.509.045.324.153", 1509045324153), ("1'800.5", 1800.5),
        ("0.123", 0.123), ("1509045324153", 1509045324153), ("9223372036854775808", 2**63), ("007", 7),
    ],
)  # fmt: skip
def test_parse_number(text: str, value: float) -> None:
    parsed = parse_number(text)
    assert parsed == ParsedNumber(value)
    assert type(parsed.value) is type(value)


@pytest.mark.parametrize(
    ("text", "value", "other"), [("1.800", 1.8, 1800), ("1,800", 1.8, 1800), ("-12.345", -12.345, -12345)]
)
def test_parse_ambiguous_number_returns_both_readings(text: str, value: float, other: int) -> None:
    assert parse_number(text) == ParsedNumber(value, other)


@pytest.mark.parametrize(
    "text",
    ["", " ", "soon", "1,2,3", "1.2.3", "1 2", "12 34", "1,800,50", "NaN", "inf", "-", ".", ",", "1e", "1e999", "٣", "6O", "0x10",
     "1_000", "--1", "9" * 400, "1.8001,5"],
)  # fmt: skip
def test_parse_invalid_number_returns_none(text: str) -> None:
    assert parse_number(text) is None


@given(st.integers(-(10**17), 10**17))
def test_parse_number_round_trips_integers(number: int) -> None:
    assert parse_number(str(number)) == ParsedNumber(number)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_parse_number_round_trips_floats(number: float) -> None:
    for text in (repr(number), repr(number).replace(".", ",")):
        parsed = parse_number(text)
        assert parsed is not None
        assert float(parsed.value) == number


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("TRUE", True), (" Yes ", True), ("ja", True), ("WAAR", True), ("1", True), ("false", False),
     ("ONWAAR", False), ("nee", False), ("0", False), ("", None), ("maybe", None), ("2", None)],
)  # fmt: skip
def test_parse_boolean(text: str, value: bool | None) -> None:
    assert parse_boolean(text) is value
