"""Validation of single events: the problems of wrong bodies, with rule, place, message and fix."""

from __future__ import annotations

import copy
import gzip
from pathlib import Path
from typing import Any

import pytest

import mctoolkit
from mctoolkit import Event, InputError, validate
from mctoolkit.spec import catalog

NOW_MS = 1_509_045_400_000

GOOD: dict[str, Any] = {
    "playerTime": {"playhead": 0, "ts": 1509045324153},
    "eventType": "sessionStart",
    "params": {
        "media.id": "demo-episode-1",
        "media.length": 60.39,
        "media.contentType": "VOD",
        "media.playerName": "demo-html5",
        "media.channel": "demo-channel",
        "analytics.trackingServer": "demo.sc.omtrdc.net",
        "analytics.reportSuite": "demo-test",
        "analytics.visitorId": "demo-visitor-1",
        "visitor.marketingCloudOrgId": "000000000000000000000000@AdobeOrg",
    },
}


class MISSING:
    """The value of a key that is removed from the body."""


def changed(*changes: tuple[str, Any]) -> dict[str, Any]:
    """Return GOOD with other values at places such as ``params/media.id``; MISSING removes a key."""
    body = copy.deepcopy(GOOD)
    for path, value in changes:
        *holders, name = path.split("/")
        holder = body
        for part in holders:
            holder = holder.setdefault(part, {})
        if value is MISSING:
            del holder[name]
        else:
            holder[name] = value
    return body


def check(thing: Any, endpoint: Any = "sessions") -> mctoolkit.Verdict:
    return validate(thing, endpoint=endpoint, now_ms=NOW_MS)


def test_valid_body_has_no_problems() -> None:
    verdict = check(GOOD)
    assert verdict.ok
    assert verdict.problems == ()
    assert str(verdict) == "No problems. The API will accept this event."


@pytest.mark.parametrize("p", catalog.parameters_of("sessionStart", "params"), ids=lambda p: p.key)
def test_key_accepts_its_example_and_is_missing_if_required(p: catalog.Parameter) -> None:
    if p.key != "media.downloaded":
        assert check(changed((f"params/{p.key}", p.example))).ok
    body = changed((f"params/{p.key}", "x"), (f"params/{p.key}", MISSING))
    missing = [problem.place for problem in check(body).errors]
    assert missing == ([p.place] if p.required("sessionStart") else [])


@pytest.mark.parametrize("p", catalog.parameters_of("sessionStart", "qoeData"), ids=lambda p: p.key)
def test_quality_key_accepts_its_example(p: catalog.Parameter) -> None:
    assert check(changed((f"qoeData/{p.key}", p.example))).ok


# place, value, rule, place of the problem, part of the message, label of the fix
ERRORS: list[tuple[str, Any, str, tuple[str, ...], str, str | None]] = [
    ("params/media.channel", MISSING, "missing", ("params", "media.channel"), "without media.channel", None),
    ("params/media.length", "60.39", "type", ("params", "media.length"), "is in quotes", "Make it 60.39"),
    ("params/media.length", "60,39", "type", ("params", "media.length"), "is in quotes", "Make it 60.39"),
    ("params/media.length", "1.800", "type", ("params", "media.length"), "is text", None),
    ("params/media.length", "soon", "type", ("params", "media.length"), "is text", None),
    ("params/media.length", True, "type", ("params", "media.length"), "is true or false", None),
    ("params/media.length", None, "type", ("params", "media.length"), "null is not a value", None),
    ("params/media.length", [60], "type", ("params", "media.length"), "is a list", None),
    ("params/media.id", 7, "type", ("params", "media.id"), "7 is a number", 'Make it "7"'),
    ("params/media.id", None, "type", ("params", "media.id"), "null is not a value", None),
    (
        "params/media.name",
        None,
        "type",
        ("params", "media.name"),
        "leave the key out",
        'Remove params["media.name"]',
    ),
    ("params/media.season", 2, "type", ("params", "media.season"), "2 is a number", 'Make it "2"'),
    ("params/media.resume", "TRUE", "type", ("params", "media.resume"), "is in quotes", "Make it true"),
    ("params/media.resume", 1, "type", ("params", "media.resume"), "1 is a number", "Make it true"),
    ("params/media.contentType", "", "empty", ("params", "media.contentType"), "is empty", None),
    (
        "params/media.downloaded",
        True,
        "downloaded",
        ("params", "media.downloaded"),
        "rejects it",
        "Make it false",
    ),
    ("playerTime/playhead", "0", "type", ("playerTime", "playhead"), "is in quotes", "Make it 0"),
    (
        "playerTime/ts",
        "1509045324153",
        "type",
        ("playerTime", "ts"),
        "a whole number",
        "Make it 1509045324153",
    ),
    (
        "playerTime/ts",
        1509045324153.0,
        "whole-number",
        ("playerTime", "ts"),
        "decimal point",
        "Make it 1509045324153",
    ),
    (
        "playerTime/ts",
        1509045324.153,
        "whole-number",
        ("playerTime", "ts"),
        "in seconds",
        "Make it 1509045324153",
    ),
    ("playerTime/ts", -1, "range", ("playerTime", "ts"), "0 to 9223372036854775807", None),
    ("playerTime/ts", 2**63, "range", ("playerTime", "ts"), "0 to 9223372036854775807", None),
    (
        "playerTime/zone",
        "UTC",
        "unknown-key",
        ("playerTime", "zone"),
        "no key zone in playerTime",
        "Remove playerTime.zone",
    ),
    (
        "qoeData/media.qoe.bitrate",
        23.0,
        "whole-number",
        ("qoeData", "media.qoe.bitrate"),
        "decimal",
        "Make it 23",
    ),
    (
        "qoeData/param1",
        "x",
        "unknown-key",
        ("qoeData", "param1"),
        "no key param1 in qoeData",
        "Remove qoeData.param1",
    ),
    (
        "qoeData/bitrate",
        3_200_000,
        "slip-key",
        ("qoeData", "bitrate"),
        "media.qoe.bitrate",
        "Rename it to media.qoe.bitrate",
    ),
    (
        "params/media.qoe.bitrate",
        3_200_000,
        "misplaced-key",
        ("params", "media.qoe.bitrate"),
        "belongs in qoeData, not in params",
        'Move it to qoeData["media.qoe.bitrate"]',
    ),
    (
        "params/media.ad.id",
        "x",
        "other-event-key",
        ("params", "media.ad.id"),
        "belongs on adStart",
        'Remove params["media.ad.id"]',
    ),
    (
        "params/media.uniqueTimePlayed",
        3,
        "historic-key",
        ("params", "media.uniqueTimePlayed"),
        "no longer accepts",
        'Remove params["media.uniqueTimePlayed"]',
    ),
    (
        "params/medai.name",
        "x",
        "unknown-key",
        ("params", "medai.name"),
        "Did you mean media.name?",
        "Rename it to media.name",
    ),
    (
        "params/media.shwo",
        "x",
        "unknown-key",
        ("params", "media.shwo"),
        "Did you mean media.show?",
        "Rename it to media.show",
    ),
    (
        "params/zork",
        "x",
        "unknown-key",
        ("params", "zork"),
        "to customMetadata",
        "Remove params.zork",
    ),
    (
        "customMetadata/season",
        2,
        "metadata-value",
        ("customMetadata", "season"),
        "2 is a number",
        'Make it "2"',
    ),
    (
        "customMetadata/show-name",
        "x",
        "metadata-name",
        ("customMetadata", "show-name"),
        "a hyphen",
        "Rename it to show_name",
    ),
    (
        "customMetadata/show\n",
        "x",
        "metadata-name",
        ("customMetadata", "show\n"),
        "a line break",
        "Rename it to show",
    ),
    ("customMetadata/", "x", "metadata-name", ("customMetadata", ""), "it is empty", None),
    (
        "eventType",
        "sesionStart",
        "event-type",
        ("eventType",),
        "Did you mean sessionStart?",
        'Make it "sessionStart"',
    ),
    ("eventType", "zork", "event-type", ("eventType",), "starts with sessionStart", None),
    (
        "media.name",
        "x",
        "misplaced-key",
        ("media.name",),
        "belongs in params",
        'Move it to params["media.name"]',
    ),
    ("params", [], "type", ("params",), "is a list", None),
    ("param", {}, "unknown-key", ("param",), "no key param in the top level", "Remove param"),
    ("customMetadata", [], "type", ("customMetadata",), "is a list", None),
    (
        "params/visitor.customerIDs",
        {"crm": {"id": "x", "authState": 3}},
        "value",
        ("params", "visitor.customerIDs", "crm", "authState"),
        "not a known value",
        None,
    ),
    ("params/media.length", float("nan"), "odd-value", ("params", "media.length"), "JSON has no", None),
    ("params/media.length", float("-inf"), "odd-value", ("params", "media.length"), "JSON has no", None),
    ("params/media.length", 10**400, "odd-value", ("params", "media.length"), "too large", None),
    ("params/media.name", "\ud800", "odd-value", ("params", "media.name"), "half of a surrogate", None),
    ("params/media.name", {1, 2}, "odd-value", ("params", "media.name"), "Python type set", None),
    ("params/media.name", b"x", "odd-value", ("params", "media.name"), "Python type bytes", None),
]


@pytest.mark.parametrize(("path", "value", "rule", "place", "message", "fix"), ERRORS, ids=lambda x: str(x)[:30])
def test_wrong_value_is_an_error(
    path: str, value: Any, rule: str, place: tuple[str, ...], message: str, fix: str | None
) -> None:
    verdict = check(changed((path, value)))
    found = [problem for problem in verdict.errors if problem.place == place]
    assert [problem.rule for problem in found] == [rule], str(verdict)
    assert message in found[0].message
    assert (found[0].fix.label if found[0].fix else None) == fix


@pytest.mark.parametrize(("path", "value", "rule", "place", "message", "fix"), ERRORS, ids=lambda x: str(x)[:30])
def test_fix_removes_the_error(
    path: str, value: Any, rule: str, place: tuple[str, ...], message: str, fix: str | None
) -> None:
    verdict = check(changed((path, value)))
    if fix is not None:
        before = copy.deepcopy(verdict.event.value)
        fixed = check(verdict.fixed())
        assert rule not in [problem.rule for problem in fixed.errors if problem.place == place]
        assert verdict.event.value == before, "a fix must not change the validated event"


HINTS: list[tuple[list[tuple[str, Any]], str, tuple[str, ...], str, str | None]] = [
    (
        [("playerTime/ts", 1509045324)],
        "ts-seconds",
        ("playerTime", "ts"),
        "18 January 1970",
        "Make it 1509045324000",
    ),
    ([("playerTime/ts", 1409045324153)], "ts-far", ("playerTime", "ts"), "26 August 2014", None),
    ([("playerTime/ts", 1509045324153000)], "ts-far", ("playerTime", "ts"), "microseconds", None),
    ([("playerTime/playhead", 90)], "playhead-range", ("playerTime", "playhead"), "beyond the length", None),
    ([("playerTime/playhead", -1)], "playhead-range", ("playerTime", "playhead"), "is negative", None),
    ([("playerTime/playhead", 1509045324)], "playhead-clock", ("playerTime", "playhead"), "time of day", None),
    (
        [
            ("params/media.contentType", "live"),
            ("params/media.length", 86400),
            ("playerTime/playhead", 86400),
        ],
        "playhead-range",
        ("playerTime", "playhead"),
        "below 86400",
        None,
    ),
    (
        [("params/media.length", 60390)],
        "length-milliseconds",
        ("params", "media.length"),
        "16 hours and 46 minutes",
        "Make it 60.39",
    ),
    ([("params/media.length", 0)], "length-zero", ("params", "media.length"), "86400", None),
    (
        [("params/media.contentType", "film")],
        "content-type",
        ("params", "media.contentType"),
        "film is not a known",
        None,
    ),
    ([("params/media.showType", "9")], "show-type", ("params", "media.showType"), "0, 1, 2, 3", None),
    ([("params/analytics.visitorId", MISSING)], "no-visitor", ("params",), "no visitor ID", None),
    (
        [("params/analytics.trackingServer", "https://x.sc.omtrdc.net/b")],
        "tracking-server",
        ("params", "analytics.trackingServer"),
        "a host name",
        None,
    ),
    (
        [("params/analytics.trackingServer", "x.hb-api.omtrdc.net")],
        "tracking-server",
        ("params", "analytics.trackingServer"),
        "host of the API",
        None,
    ),
    (
        [("params/visitor.marketingCloudOrgId", "ABC")],
        "organisation-id",
        ("params", "visitor.marketingCloudOrgId"),
        "@AdobeOrg",
        None,
    ),
    ([("params/media.name", "")], "empty-text", ("params", "media.name"), "leave the key out", None),
    ([("params/media.name", "Pilot ")], "spaces", ("params", "media.name"), "a space", 'Make it "Pilot"'),
    ([("params/media.id", "N/A")], "filler", ("params", "media.id"), "filler", None),
    ([("customMetadata/a.x", "1")], "metadata-prefix", ("customMetadata", "a.x"), "reserved", None),
    ([("customMetadata/media.x", "1")], "metadata-prefix", ("customMetadata", "media.x"), "overwrite", None),
    (
        [("qoeData/media.qoe.bitrate", 3200)],
        "bitrate-unit",
        ("qoeData", "media.qoe.bitrate"),
        "kilobits",
        "Make it 3200000",
    ),
    (
        [("qoeData/media.qoe.bitrate", 10**9)],
        "bitrate-unit",
        ("qoeData", "media.qoe.bitrate"),
        "very high",
        None,
    ),
]


@pytest.mark.parametrize(("changes", "rule", "place", "message", "fix"), HINTS, ids=lambda x: str(x)[:40])
def test_suspicious_value_is_a_hint(
    changes: list[tuple[str, Any]], rule: str, place: tuple[str, ...], message: str, fix: str | None
) -> None:
    verdict = check(changed(*changes))
    assert verdict.ok
    found = [problem for problem in verdict.hints if problem.rule == rule]
    assert [problem.place for problem in found] == [place], str(verdict)
    assert message in found[0].message
    if fix is not None or rule not in ("tracking-server", "content-type"):
        assert (found[0].fix.label if found[0].fix else None) == fix


def test_every_rule_has_a_test() -> None:
    elsewhere = {"not-json", "not-an-object", "schema", "duplicate-key", "endpoint", "member", "pattern"}
    elsewhere |= {"tracking-plan"}  # test_tracking_plan.py
    elsewhere |= {"not-a-list", "list-start", "list-downloaded", "list-deprecated"}  # test_batch.py
    assert {case[2] for case in ERRORS} | {case[1] for case in HINTS} | elsewhere == set(catalog.rules())


@pytest.mark.parametrize("kind", ["live", "LINEAR", "vod", "Podcast", "aod"])
def test_content_types_are_case_insensitive(kind: str) -> None:
    assert check(changed(("params/media.contentType", kind))).problems == ()


@pytest.mark.parametrize("length", [1, 43200, 86400])
def test_usual_lengths_have_no_hint(length: int) -> None:
    assert check(changed(("params/media.length", length))).problems == ()


def test_misspelled_required_key_is_reported_twice_and_fixed_once() -> None:
    body = changed(("params/media.channel", MISSING), ("params/media.channelName", "x"))
    verdict = check(body)
    assert {p.rule for p in verdict.errors} == {"missing", "slip-key"}
    assert check(verdict.fixed()).ok
    assert verdict.fixed().params["media.channel"] == "x"


def test_fix_does_not_overwrite_existing_value() -> None:
    verdict = check(changed(("params/media.channelName", "x")))
    (problem,) = verdict.errors
    assert problem.fix is not None
    assert problem.fix.label == 'Remove params["media.channelName"]'
    assert verdict.fixed().params["media.channel"] == "demo-channel"


def test_problems_are_in_order_of_the_form() -> None:
    verdict = check({"eventType": "sessionStart", "params": {}, "qoeData": {"bitrate": 1}})
    rules = [problem.rule for problem in verdict.errors]
    assert rules == ["missing"] * 2 + ["missing"] * 8 + ["slip-key"]
    assert verdict.errors[0].place == ("playerTime", "playhead")
    assert verdict.summary == "11 errors"


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("", "line 1, column 1", "empty"),
        ('{"a": 1,}', "line 1, column 8", "comma after the last entry"),
        ("{'a': 1}", "line 1, column 2", "straight double quotes"),
        ('{\n  "é": NaN\n}', "line 2, column 8", "no NaN"),
        ('{"a": 1', "line 1, column 8", "ends too early"),
        ('{"a": 60,39}', "line 1, column 10", "not JSON"),
        ('{"a": 1e999}', "line 1, column 7", "too large"),
        ('{"a":1e999,"b":9999999999999}', "line 1, column 6", "(1e999)"),
        ('{"a": [-1.5E+999]}', "line 1, column 8", "(-1.5E+999)"),
        ("[" + "9" * 400 + "]", "line 1, column 2", f"({'9' * 20}…)"),
        (b'{"a": "\xff"}', "line 1, column 8", "not UTF-8"),
        (gzip.compress(b"{}", mtime=0), "line 1, column 1", "The body is compressed (gzip). Send it as plain JSON."),
        (b"\xef\xbb\xbf{}", "line 1, column 1", "byte order mark"),
        ('{"a": "\\ud800"}', "line 1, column 8", "half of a surrogate"),
        ("[" * 5000 + "]" * 5000, "line 1, column 1026", "more than 100 levels"),
        ("[" * 200 + "]" * 200, "line 1, column 1", "more than 100 levels"),
    ],
)
def test_invalid_json_is_reported_with_line_and_column(text: str | bytes, where: str, message: str) -> None:
    verdict = check(text)
    (problem,) = verdict.problems
    assert (problem.rule, problem.where) == ("not-json", where)
    assert message in problem.message
    assert verdict.fixed() == verdict.event


@pytest.mark.parametrize(
    ("thing", "kind"),
    [("[]", "a list"), ("3", "a number"), ('"x"', "text"), ("null", "null"), ([], "a list")],
)
def test_body_must_be_an_object(thing: Any, kind: str) -> None:
    (problem,) = validate(thing, endpoint="events").problems
    assert problem.rule == "not-an-object"
    assert f"not {kind}." in problem.message


def test_duplicate_key_is_a_hint() -> None:
    text = Event(GOOD).to_text().replace('"media.id"', '"media.id": "lost", "media.id"')
    assert [(p.rule, p.level) for p in check(text).problems] == [("duplicate-key", "hint")]


def test_key_that_is_not_text_is_an_error() -> None:
    (problem,) = [p for p in check(changed(("params", {**GOOD["params"], 3: "x"}))).errors if p.rule == "odd-value"]
    assert "type int" in problem.message


@pytest.mark.parametrize(
    "make",
    [dict, lambda body: Event(body), lambda body: Event(body).to_text(), lambda body: Event(body).to_bytes()],
)
def test_every_input_type_gives_the_same_verdict(make: Any) -> None:
    body = changed(("params/media.length", "60"), ("params/media.season", 2))
    assert check(make(body)).to_dict() == check(body).to_dict()


def test_validate_path(tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_bytes(Event(GOOD).to_bytes())
    assert check(file).ok
    with pytest.raises(InputError, match=r"Cannot read the file .*nothing\.json: No such file"):
        check(tmp_path / "nothing.json")
    with pytest.raises(InputError, match="Cannot read the file"):
        check(tmp_path)


def test_numpy_numbers_are_accepted() -> None:
    import numpy as np

    body = changed(("params/media.length", np.float64(60.39)), ("playerTime/ts", np.int64(1509045324153)))
    assert check(body).problems == ()
    assert Event(body).to_bytes() == Event(GOOD).to_bytes()
    assert not check(changed(("params/media.length", np.float32("nan")))).ok
    assert check(changed(("params/media.resume", np.bool_(True)))).ok


def test_event_on_wrong_endpoint_is_an_error() -> None:
    play = {"eventType": "play", "playerTime": {"playhead": 0, "ts": 1509045324153}}
    assert validate(play, now_ms=NOW_MS).ok
    assert validate(play, endpoint="events", now_ms=NOW_MS).ok
    (problem,) = check(play).errors
    assert (problem.rule, problem.place) == ("endpoint", ("eventType",))
    assert "<session id>/events" in problem.message
    (problem,) = check(GOOD, "events").errors
    assert "because it starts a session" in problem.message


def test_member_that_event_type_does_not_allow_is_an_error() -> None:
    body = {"eventType": "play", "playerTime": {"playhead": 0, "ts": 1509045324153}, "customMetadata": {"a": "b"}}
    assert [p.rule for p in check(body, "events").errors] == ["member"]


def test_ping_allows_only_empty_params() -> None:
    ping = {"eventType": "ping", "playerTime": {"playhead": 0, "ts": 1509045324153}, "params": {}}
    assert check(ping, "events").ok
    assert not check({**ping, "params": {"media.name": "x"}}, "events").ok


def test_state_name_must_match_pattern() -> None:
    state = {"eventType": "stateStart", "playerTime": {"playhead": 0, "ts": 1509045324153}}
    assert check({**state, "params": {"media.state.name": "mute"}}, "events").ok
    assert [p.rule for p in check({**state, "params": {"media.state.name": "full screen"}}, "events").errors] == [
        "pattern"
    ]


def test_messages_mask_identifiers() -> None:
    verdict = check(changed(("params/analytics.visitorId", 4711), ("params/analytics.reportSuite", ["acme-prod"])))
    text = str(verdict) + verdict._repr_html_() + str(verdict.to_dict())
    assert "4711" not in text
    assert "acme-prod" not in text
    assert verdict.fixed().params["analytics.visitorId"] == "4711"


def test_html_is_escaped() -> None:
    shown = check(changed(("params/<script>alert(1)</script>", "x")))._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_messages_truncate_long_values() -> None:
    verdict = check(changed(("params/media.length", "9" * 100_000), ("params/" + "k" * 100_000, 1)))
    assert len(str(verdict)) < 3000


def test_number_of_errors_and_suggestions_is_limited() -> None:
    verdict = check(changed(("params", {**GOOD["params"], **{f"media.nmae{n}": 1 for n in range(40_000)}})))
    assert len(verdict.errors) == 2_000
    assert verdict.errors[0].nearest is not None
    assert sum(problem.nearest is not None for problem in verdict.errors) == 100


def test_lone_surrogates_can_be_shown() -> None:
    half = "\ud800"
    body = {**GOOD, "params": {**GOOD["params"], half: {half}}, "x": {half: half}}
    verdict = validate(body)
    assert [problem.rule for problem in verdict.errors].count("odd-value") >= 3
    assert str(verdict).encode("utf-8")
