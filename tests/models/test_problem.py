"""Fix.apply and the format of places."""

from __future__ import annotations

from typing import Any

import pytest

from mctoolkit._core.json_io import Place
from mctoolkit.models.problem import Fix, PatchOperation, where


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ((), "the body"),
        (("eventType",), "eventType"),
        (("playerTime", "ts"), "playerTime.ts"),
        (("params", "media.length"), 'params["media.length"]'),
        (("params", "statesStart", 0, "media.state.name"), 'params.statesStart[0]["media.state.name"]'),
        (("customMetadata", "a b"), 'customMetadata["a b"]'),
    ],
)
def test_where_formats_place_as_index(place: Place, message: str) -> None:
    assert where(place) == message


@pytest.mark.parametrize(
    ("step", "before", "after"),
    [
        (PatchOperation("put", ("p", "a"), 1), {"p": {"a": "1"}}, {"p": {"a": 1}}),
        (PatchOperation("put", ("p", "a"), 1), {"p": []}, {"p": []}),
        (PatchOperation("put", ("p", "l", 0, "a"), 1), {"p": {"l": [{"a": "1"}]}}, {"p": {"l": [{"a": 1}]}}),
        (PatchOperation("drop", ("p", "a")), {"p": {"a": 1, "b": 2}}, {"p": {"b": 2}}),
        (PatchOperation("drop", ("p", "a")), {"p": {}}, {"p": {}}),
        (PatchOperation("move", ("p", "x"), to=("p", "a")), {"p": {"x": 1, "b": 2}}, {"p": {"a": 1, "b": 2}}),
        (PatchOperation("move", ("p", "x"), to=("q", "a")), {"p": {"x": 1}}, {"p": {}, "q": {"a": 1}}),
        (PatchOperation("move", ("p", "x"), to=("p", "a")), {"p": {"x": 1, "a": 2}}, {"p": {"x": 1, "a": 2}}),
        (PatchOperation("move", ("p", "x"), to=("q", "a")), {"p": {"x": 1}, "q": 3}, {"p": {"x": 1}, "q": 3}),
        (PatchOperation("move", ("x",), to=("p", "a")), {"x": 1}, {"p": {"a": 1}}),
    ],
)
def test_apply_step(step: PatchOperation, before: Any, after: Any) -> None:
    fix = Fix("fix", (step,))
    original = repr(before)
    fixed = fix.apply(before)
    assert fixed == after
    assert list(fixed) == list(after)
    assert repr(before) == original, "the original is unchanged"


def test_renamed_key_keeps_its_position() -> None:
    fixed = Fix("fix", (PatchOperation("move", ("x",), to=("a",)),)).apply({"x": 1, "b": 2})
    assert list(fixed) == ["a", "b"]
