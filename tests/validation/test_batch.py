"""Validation of lists of events for downloaded content."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mctoolkit import validate
from mctoolkit._core.clocks import SEEDED_NOW_MS
from mctoolkit.models.problem import Verdict, where
from mctoolkit.validation import Endpoint
from tests.validation.test_validate import GOOD

START: dict[str, Any] = json.loads(json.dumps(GOOD))
MARKED = {**START, "params": {**START["params"], "media.downloaded": True}}
PLAY = {"eventType": "play", "playerTime": {"playhead": 0, "ts": 1509045324154}}


def check(thing: object, endpoint: Endpoint = "downloaded") -> Verdict:
    return validate(thing, endpoint=endpoint, now_ms=SEEDED_NOW_MS)


def errors(verdict: Verdict) -> list[tuple[str, str]]:
    return [(problem.rule, where(problem.place)) for problem in verdict.errors]


@pytest.mark.parametrize("downloaded", [True, False, None])
def test_list_on_downloaded_is_valid_with_or_without_mark(downloaded: bool | None) -> None:
    params = {**START["params"], **({} if downloaded is None else {"media.downloaded": downloaded})}
    assert check([{**START, "params": params}, PLAY, PLAY]).ok
    assert check(json.dumps([{**START, "params": params}, PLAY])).ok
    assert check(({**START, "params": params},)).ok


def test_list_on_sessions_needs_mark_and_is_deprecated() -> None:
    verdict = check([MARKED, PLAY], "sessions")
    assert verdict.ok
    assert "list-deprecated" in [problem.rule for problem in verdict.hints]
    assert errors(check([START, PLAY], "sessions")) == [("list-downloaded", '[0].params["media.downloaded"]')]
    unmarked = {**MARKED, "params": {**MARKED["params"], "media.downloaded": "true"}}
    assert ("list-downloaded", '[0].params["media.downloaded"]') in errors(check([unmarked], "sessions"))


def test_place_of_problem_starts_with_index_of_event() -> None:
    bad: dict[str, Any] = {**PLAY, "playerTime": {"playhead": "0", "ts": 1509045324154}}
    verdict = check([START, PLAY, bad, {**PLAY, "eventType": "paly"}, 7])
    assert errors(verdict) == [
        ("type", "[2].playerTime.playhead"),
        ("event-type", "[3].eventType"),
        ("not-an-object", "[4]"),
    ]
    assert errors(check(verdict.fixed().value)) == [("not-an-object", "[4]")]
    assert bad["playerTime"]["playhead"] == "0", "a fix must not change the validated list"


def test_fix_moves_key_within_its_event() -> None:
    params = {**START["params"], "media.qoe.bitrate": 2_000_000}
    verdict = check([{**START, "params": params}, PLAY])
    assert errors(verdict) == [("misplaced-key", '[0].params["media.qoe.bitrate"]')]
    fixed = verdict.fixed().value
    assert fixed[0]["qoeData"] == {"media.qoe.bitrate": 2_000_000}
    assert "media.qoe.bitrate" not in fixed[0]["params"]
    assert fixed[1] == PLAY


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], [("list-start", "the body")]),
        ([PLAY], [("list-start", "[0].eventType")]),
        ([PLAY, START], [("list-start", "[0].eventType"), ("list-start", "[1].eventType")]),
        ([START, START], [("list-start", "[1].eventType")]),
        ([[START]], [("not-an-object", "[0]")]),
        (["{}"], [("not-an-object", "[0]")]),
        (START, [("not-a-list", "the body")]),
        ("3", [("not-a-list", "the body")]),
        ("[", [("not-json", "the body")]),
    ],
)
def test_list_needs_one_session_start_at_its_start(events: object, expected: list[tuple[str, str]]) -> None:
    assert errors(check(events)) == expected


def test_number_of_errors_of_a_list_is_limited() -> None:
    verdict = check("[" + ",".join(["{}"] * 100_000) + "]")
    assert 100 <= len(verdict.errors) < 120


def test_list_without_endpoint_is_an_error() -> None:
    assert [problem.rule for problem in validate([START]).problems] == ["not-an-object"]
