"""A list of events, as it is sent for a downloaded programme: the place of each problem, and when the list is right."""

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


def judge(thing: object, endpoint: Endpoint = "downloaded") -> Verdict:
    return validate(thing, endpoint=endpoint, now_ms=SEEDED_NOW_MS)


def errors(verdict: Verdict) -> list[tuple[str, str]]:
    return [(problem.rule, where(problem.place)) for problem in verdict.errors]


@pytest.mark.parametrize("downloaded", [True, False, None])
def test_a_list_on_downloaded_may_say_or_not_say_that_it_is_one(downloaded: bool | None) -> None:
    params = {**START["params"], **({} if downloaded is None else {"media.downloaded": downloaded})}
    assert judge([{**START, "params": params}, PLAY, PLAY]).ok
    assert judge(json.dumps([{**START, "params": params}, PLAY])).ok
    assert judge(({**START, "params": params},)).ok


def test_a_list_on_sessions_must_say_so_and_is_told_that_it_is_deprecated() -> None:
    verdict = judge([MARKED, PLAY], "sessions")
    assert verdict.ok
    assert "list-deprecated" in [problem.rule for problem in verdict.hints]
    assert errors(judge([START, PLAY], "sessions")) == [("list-downloaded", '[0].params["media.downloaded"]')]
    unmarked = {**MARKED, "params": {**MARKED["params"], "media.downloaded": "true"}}
    assert ("list-downloaded", '[0].params["media.downloaded"]') in errors(judge([unmarked], "sessions"))


def test_each_problem_says_at_which_event() -> None:
    bad: dict[str, Any] = {**PLAY, "playerTime": {"playhead": "0", "ts": 1509045324154}}
    verdict = judge([START, PLAY, bad, {**PLAY, "eventType": "paly"}, 7])
    assert errors(verdict) == [
        ("type", "[2].playerTime.playhead"),
        ("event-type", "[3].eventType"),
        ("not-an-object", "[4]"),
    ]
    assert errors(judge(verdict.mended().value)) == [("not-an-object", "[4]")]
    assert bad["playerTime"]["playhead"] == "0", "what was judged stays as it was"


def test_a_fix_moves_a_key_within_its_event() -> None:
    params = {**START["params"], "media.qoe.bitrate": 2_000_000}
    verdict = judge([{**START, "params": params}, PLAY])
    assert errors(verdict) == [("misplaced-key", '[0].params["media.qoe.bitrate"]')]
    mended = verdict.mended().value
    assert mended[0]["qoeData"] == {"media.qoe.bitrate": 2_000_000}
    assert "media.qoe.bitrate" not in mended[0]["params"]
    assert mended[1] == PLAY


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
def test_a_list_begins_with_its_one_session_start(events: object, expected: list[tuple[str, str]]) -> None:
    assert errors(judge(events)) == expected


def test_of_a_list_with_very_many_wrong_events_the_first_are_told() -> None:
    verdict = judge("[" + ",".join(["{}"] * 100_000) + "]")
    assert 100 <= len(verdict.errors) < 120


def test_without_an_endpoint_a_list_is_no_event() -> None:
    assert [problem.rule for problem in validate([START]).problems] == ["not-an-object"]
