"""The fast path and full validation give the same verdict for every body."""

from __future__ import annotations

import copy
import enum
import json
import math
import sys
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from mctoolkit import Event, Verdict, validate, validation
from mctoolkit._core import json_io
from mctoolkit._core.errors import InputError
from mctoolkit.spec import catalog
from mctoolkit.validation import fast_path, hints
from mctoolkit.validation.fast_path import is_certainly_valid
from tests.validation.test_differential import _with, changes, names, values
from tests.validation.test_validate import GOOD, MISSING, NOW_MS

SPACES = [letter for letter in map(chr, range(sys.maxunicode + 1)) if letter.isspace()]
FOLDING = [letter for letter in map(chr, range(sys.maxunicode + 1)) if letter.casefold().isascii()]


class Name(enum.StrEnum):
    """Texts of a subclass of str."""

    VOD = "VOD"
    ID = "media.id"


class Plain(enum.Enum):
    DATE = date(2026, 11, 23)
    PAIR = (1,)


@dataclass
class Pair:
    a: int


def is_clean(event: Event, endpoint: Any) -> bool:
    return fast_path.is_clean(event.value, event.raw, endpoint)


def problems(verdict: Verdict) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = verdict.to_dict()["problems"]
    return found


def validate_in_full(thing: Any, endpoint: Any = None, now_ms: int = NOW_MS) -> Verdict:
    return validation._validate_in_full(Event(thing), endpoint, now_ms)


def assert_same(thing: Any, endpoint: Any = None, now_ms: int = NOW_MS) -> None:
    expected = validate_in_full(thing, endpoint, now_ms)
    assert problems(validate(thing, endpoint=endpoint, now_ms=now_ms)) == problems(expected)
    if is_clean(Event(thing), endpoint):
        assert {problem.rule for problem in expected.problems} <= {"ts-far"}
    try:
        written = Event(json_io.write(thing)) if isinstance(thing, dict) else Event(thing)
    except InputError:  # a value that cannot be serialized, such as a set
        return
    if endpoint is not None and is_certainly_valid(written, endpoint):
        assert validate_in_full(written, endpoint, now_ms).errors == ()


WORDS = ["Null", "UNKNOWN", " x", "x ", "x\u00a0", "x y", "", " ", "VOD", "vod", "Live", "linear", "a@AdobeOrg", "<x>"]
WORDS += [*sorted(hints.FILLERS), "https://x.example", "x.hb-api.omtrdc.net", "é", Name.VOD, Name.ID]
NUMBERS = [0, -1, 0.5, 1, 59, 60.39, 62.39, 62.4, 63, 9_999, 10_000, 43_200, 43_201, 86_399, 86_400, 86_401, NOW_MS]
NUMBERS += [10**8 - 1, 10**8, 10**8 + 1, 10**11 - 1, 10**11, 2**53, 2**53 + 1, 2**64, 10**400]
OTHERS: list[Any] = [True, False, None, (), [], {}, math.nan, math.inf, {1}, b"x", "\ud800", Decimal(1), Fraction(1)]
OTHERS += [datetime(2026, 11, 23), date(2026, 11, 23), time(8), UUID(int=1), Plain.DATE, Plain.PAIR, Pair(1)]
leaves = st.sampled_from([*WORDS, *NUMBERS, *OTHERS])
keys = st.sampled_from([*sorted(catalog.parameters()), "season", "a.b", "media.x", "ab.c", "x y", Name.ID])
places = st.sampled_from([(), ("params",), ("playerTime",), ("qoeData",), ("customMetadata",)])
mistakes = st.lists(
    st.tuples(places, keys | st.sampled_from(["ts", "playhead"]), leaves | st.just(MISSING)), max_size=4
)
endpoints = st.sampled_from([None, "sessions", "events"])


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mistakes | changes, endpoints)
def test_changed_body(made: list[tuple[tuple[str, ...], str, Any]], endpoint: Any) -> None:
    body = copy.deepcopy(GOOD)
    for holders, name, value in made:
        _with(body, holders, name, value)
    assert_same(body, endpoint)
    try:
        text = json.dumps(body, ensure_ascii=False).encode()
    except (TypeError, UnicodeEncodeError):
        return
    assert_same(text, endpoint)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(catalog.event_types())), leaves, leaves, st.dictionaries(names | keys, leaves | values))
def test_any_event_type(event: str, playhead: Any, ts: Any, params: dict[str, Any]) -> None:
    assert_same({"eventType": event, "playerTime": {"playhead": playhead, "ts": ts}, "params": params})


@settings(max_examples=300, deadline=None)
@given(st.integers(min_value=0, max_value=2**53), st.integers(min_value=0, max_value=2**53))
def test_any_time_stamp(ts: int, now_ms: int) -> None:
    body = copy.deepcopy(GOOD)
    body["playerTime"]["ts"] = ts
    assert_same(body, None, now_ms)


@pytest.mark.parametrize(("far_ms", "rules"), [(366 * 86_400_000, []), (366 * 86_400_000 + 1, ["ts-far"])])
@pytest.mark.parametrize("sign", [1, -1])
def test_limit_of_distant_time_stamp(far_ms: int, rules: list[str], sign: int) -> None:
    now_ms = GOOD["playerTime"]["ts"] + sign * far_ms
    assert_same(GOOD, None, now_ms)
    assert [problem.rule for problem in validate(GOOD, now_ms=now_ms).problems] == rules


@pytest.mark.parametrize(
    ("member", "key", "value"),
    [
        ("params", "analytics.visitorId", MISSING),
        ("params", "media.downloaded", True),
        ("params", "media.length", 43_201),
        ("params", "media.length", 0),
        ("params", "media.contentType", "Vod2"),
        ("params", "media.showType", "9"),
        ("params", "analytics.trackingServer", "https://x.example"),
        ("params", "analytics.trackingServer", "x.hb-api.omtrdc.net"),
        ("params", "visitor.marketingCloudOrgId", "0123"),
        ("params", "media.name", {"VOD"}),
        ("params", "media.name", "\ud800"),
        ("params", "media.name", "n/A"),
        ("playerTime", "playhead", 63),
        ("playerTime", "playhead", -1),
        ("playerTime", "ts", 1_509_045_324),
        ("qoeData", "media.qoe.bitrate", 9_999),
        ("qoeData", "media.qoe.bitrate", 100_000_001),
        ("customMetadata", "a.x", "1"),
        ("customMetadata", "media.x", "1"),
        ("customMetadata", "x", " 1"),
    ],
)
def test_body_with_problems_is_not_clean(member: str, key: str, value: Any) -> None:
    body = copy.deepcopy(GOOD)
    _with(body, (member,), key, value)
    assert validate_in_full(body).problems
    assert_same(body)


def test_enum_member_is_its_value() -> None:
    body = copy.deepcopy(GOOD)
    del body["params"]["media.id"]
    body["params"] |= {Name.ID: "demo", "media.name": Name.VOD}
    assert validate_in_full(body).problems == ()
    assert_same(body)
    assert json_io.write({Name.ID: Name.VOD, "x": [Plain.PAIR]}) == b'{"media.id":"VOD","x":[[1]]}'


def with_text(text: str) -> Event:
    return Event({**GOOD, "params": {**GOOD["params"], "media.name": text}})


@pytest.mark.parametrize("text", ["{}x", "x{}", "{}"])
def test_every_unicode_space_is_found_at_both_ends(text: str) -> None:
    assert is_clean(with_text(text.format("x")), None)
    assert [hex(ord(space)) for space in SPACES if is_clean(with_text(text.format(space)), None)] == []


@pytest.mark.parametrize("filler", sorted(hints.FILLERS))
def test_every_spelling_of_a_filler_is_found(filler: str) -> None:
    spellings = {
        filler[:at] + letter + filler[at + len(letter.casefold()) :]
        for letter in FOLDING
        for at in range(len(filler))
        if letter.casefold() and filler.startswith(letter.casefold(), at)
    }
    assert filler in spellings
    assert [spelling for spelling in spellings if is_clean(with_text(spelling), None)] == []


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        {**GOOD, "customMetadata": {"season": "2"}, "qoeData": {"media.qoe.bitrate": 2_000_000}},
        {**GOOD, "params": {**GOOD["params"], "media.length": 86_400, "media.contentType": "Live"}},
        {**GOOD, "params": {**GOOD["params"], "media.name": 'Één avond, "live"'}},
        {"eventType": "ping", "playerTime": {"playhead": 10.5, "ts": NOW_MS}},
        json.dumps(GOOD),
    ],
    ids=["good", "all members", "live", "letters", "ping", "text"],
)
def test_common_bodies_are_clean(body: Any) -> None:
    """The tests of equality need bodies that take the fast path."""
    assert is_clean(Event(body), None)


@pytest.mark.parametrize(
    "body",
    [
        GOOD,
        {**GOOD, "params": {**GOOD["params"], "media.length": 60_390, "media.genre": "N/A", "media.contentType": "x"}},
        {**GOOD, "playerTime": {"playhead": -3.5, "ts": 1}},
        {"eventType": "bitrateChange", "playerTime": {"playhead": 1, "ts": 0}, "qoeData": {"media.qoe.bitrate": 1}},
    ],
)
def test_body_with_hints_is_certainly_valid(body: dict[str, Any]) -> None:
    """The sandbox does not validate such bodies in full."""
    endpoint = "sessions" if body["eventType"] == "sessionStart" else "events"
    event = Event(json.dumps(body))
    assert is_certainly_valid(event, endpoint)
    assert not is_certainly_valid(event, "events" if endpoint == "sessions" else "sessions")
    assert not is_certainly_valid(Event(body), endpoint)


def test_single_downloaded_start_is_not_certainly_valid() -> None:
    body = {**GOOD, "params": {**GOOD["params"], "media.downloaded": True}}
    assert not is_certainly_valid(Event(json.dumps(body)), "sessions")


def test_duplicate_key_is_not_clean() -> None:
    text = json.dumps(GOOD).replace('"media.id":', '"media.id" : "http://first", "media.id":')
    assert not is_clean(Event(text), None)
    assert [problem.rule for problem in validate(text, now_ms=NOW_MS).problems] == ["duplicate-key"]


minimal_numbers = st.sampled_from(
    [0, -1, 0.0, -0.5, 86_399, 86_399.5, 86_400, 2**53, 2**53 + 1, 2**64, 1e300, True, "0", None]
)
minimal_time_stamps = st.sampled_from(
    [NOW_MS, 10**11, 10**11 - 1, NOW_MS + 0.5, float(NOW_MS), 2**53, 2**53 + 1, 2**63, -1, True, "1", None]
)
minimal_bodies = st.fixed_dictionaries(
    {
        "eventType": st.sampled_from([*catalog.event_types(), "Ping", "", None, 3]),
        "playerTime": st.fixed_dictionaries(
            {}, optional={"playhead": minimal_numbers, "ts": minimal_time_stamps, "x": minimal_numbers}
        ),
    }
)


@given(minimal_bodies, st.booleans())
def test_clean_minimal_body_has_no_problems(body: dict[str, Any], written: bool) -> None:
    raw = json_io.write(body) if written else None
    if fast_path.is_clean(body, raw, "events"):
        ts = body["playerTime"]["ts"]
        assert validate_in_full(body if raw is None else raw, "events", ts).problems == ()


@pytest.mark.parametrize("event_type", ["ping", "play", "sessionEnd", "adComplete"])
def test_common_events_are_clean(event_type: str) -> None:
    body = {"eventType": event_type, "playerTime": {"playhead": 9.5, "ts": NOW_MS}}
    assert fast_path.is_clean(body, json_io.write(body), "events")
    assert not fast_path.is_clean(body, json_io.write(body), "sessions")
    assert not fast_path.is_clean(
        body, b'{"eventType":"ping","eventType":"ping","playerTime":{"playhead":9.5,"ts":1}}', "events"
    )
