"""Splitting a JSON document: same elements for any chunks, one element in memory at a time."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mctoolkit.captures import json_stream
from mctoolkit.captures.json_stream import JsonArrayStream

TEXTS = st.text(alphabet='ab"\\{}[],:/é\n ', max_size=12)
VALUES: st.SearchStrategy[Any] = st.recursive(
    TEXTS | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=4)


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@given(st.lists(OBJECTS | st.lists(VALUES, max_size=2), max_size=5), st.integers(1, 40), st.booleans())
@settings(max_examples=300, deadline=None)
def test_elements_match_json_parser(elements: list[Any], size: int, ascii_only: bool) -> None:
    document = {"log": {"comment": '"entries": [{', "entries": elements, "pages": [{}]}}
    data = json.dumps(document, ensure_ascii=ascii_only).encode()
    stream = JsonArrayStream(pieces(data, size))
    assert [json.loads(found) for found in stream] == elements
    assert stream.has_array
    assert stream.is_complete


@given(st.lists(OBJECTS, min_size=1, max_size=4), st.integers(1, 40), st.data())
@settings(max_examples=200, deadline=None)
def test_truncated_document_yields_complete_elements(elements: list[Any], size: int, data: st.DataObject) -> None:
    document = json.dumps(elements).encode()
    cut = data.draw(st.integers(1, len(document) - 1))
    stream = JsonArrayStream(pieces(document[:cut], size))
    found = [json.loads(each) for each in stream]
    assert found == elements[: len(found)]
    assert not stream.is_complete
    whole = json.dumps(elements[: len(found) + 1]).encode()
    assert cut < len(whole)  # every complete element was yielded


@pytest.mark.parametrize("piece", ["QUJD", '\\"a\\\\b\\u00e9\\n{[ ', "\\\\", "é", "\\u00e9", '\\\\\\\\\\"'])
@pytest.mark.parametrize("chunk", [997, 1000, 1003, 4096])
def test_long_string_is_not_held_in_memory(piece: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MAX_STRING_BYTES", 10_000)
    text = (piece * (1_000_000 // len(piece) + 1)).encode()
    data = b'[{"a": "' + text + b'", "b": 1}, {"c": 2}]'
    tracemalloc.start()
    first, second = JsonArrayStream(pieces(data, chunk))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000
    assert json.loads(first.decode("utf-8", "replace"))["b"] == 1
    assert second == b'{"c": 2}'


def test_long_element_is_not_held_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MAX_ELEMENT_BYTES", 10_000)
    data = b'[{"a": [' + b'{"b": 1},' * 300_000 + b'{"b": 1}]}, {"c": 2}]'
    tracemalloc.start()
    first, second = JsonArrayStream(pieces(data, 1000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000
    assert 10_000 <= len(first) < 12_000
    assert second == b'{"c": 2}'


@pytest.mark.parametrize("data", [b"[" * 1_000_000, b'{"a":' * 1_000_000, b"]" * 1000, b'"' * 1001, b"\\" * 1000])
def test_deep_nesting_and_invalid_json_yield_nothing(data: bytes) -> None:
    assert list(JsonArrayStream(pieces(data, 65536))) == []
