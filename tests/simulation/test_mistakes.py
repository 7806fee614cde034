"""Mistakes: each does what its entry in mistakes.toml says, for the validator and for the sandbox."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from mctoolkit import Client, Event, Sandbox, UsageError, validate
from mctoolkit.simulation import mistakes, presets
from mctoolkit.spec import catalog

NOW_MS = 1_795_421_642_789
ALL = list(mistakes.known().values())
GOOD = ["vod", "live", "linear", "podcast", "full"]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Sandbox() as sandbox, Client(sandbox) as client:
        yield client


def start(name: str = "vod") -> Event:
    return presets.preset(name, NOW_MS)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("mistake", ALL, ids=lambda mistake: mistake.id)
def test_mistake_violates_exactly_its_rules(mistake: mistakes.Mistake, name: str) -> None:
    broken = mistake.apply(start(name))
    verdict = validate(broken, endpoint="sessions", now_ms=NOW_MS)
    problems = verdict.errors if mistake.expected == "refused" else verdict.hints
    found = tuple(sorted({problem.rule for problem in problems}))
    assert found == mistake.rules
    assert verdict.ok is (mistake.expected == "silent")


@pytest.mark.parametrize("mistake", ALL, ids=lambda mistake: mistake.id)
def test_sandbox_responds_as_expected(mistake: mistakes.Mistake, client: Client) -> None:
    exchange = client.start_session(mistake.apply(start()), send_anyway=True)
    assert exchange.status == {"refused": 400, "silent": 201}[mistake.expected]
    assert exchange.verdict is not None
    assert {problem.rule for problem in exchange.verdict.problems} >= set(mistake.rules)


def test_every_mistake_has_texts_and_a_unique_label() -> None:
    for mistake in ALL:
        assert all((mistake.label, mistake.story, mistake.outcome, mistake.source)), mistake.id
        assert mistake.reports.endswith("."), mistake.id
        assert mistakes.mistake(mistake.id) is mistake
        level = "error" if mistake.expected == "refused" else "hint"
        assert {catalog.rule(rule).level for rule in mistake.rules} == {level}, mistake.id
    assert len({mistake.label for mistake in ALL}) == len(ALL)


def test_cards_one_to_six_have_mistakes() -> None:
    assert {mistake.card for mistake in ALL if mistake.card} == set(range(1, 7))
    assert [mistake.label for mistake in ALL[:3]] == ["Leave out the channel", "Number as text", "Misspell a name"]


# The change to one value, written by hand; mistakes.toml has the same as steps.
CHANGES: list[tuple[str, tuple[str, str], Any]] = [
    ("number-as-text", ("params", "media.length"), "60.39"),
    ("misspelt-name", ("params", "media.channelName"), "demo-channel"),
    ("playhead-as-text", ("playerTime", "playhead"), "0"),
    ("label-number", ("customMetadata", "season"), 2),
    ("ts-seconds", ("playerTime", "ts"), 1_795_421_642),
    ("ts-decimal", ("playerTime", "ts"), 1_795_421_642.789),
    ("length-milliseconds", ("params", "media.length"), 60390),
    ("playhead-clock", ("playerTime", "playhead"), NOW_MS),
    ("null-length", ("params", "media.length"), None),
    ("bitrate-kilobits", ("qoeData", "media.qoe.bitrate"), 3200),
]


@pytest.mark.parametrize(("name", "place", "value"), CHANGES)
def test_mistake_changes_one_value_only(name: str, place: tuple[str, str], value: Any) -> None:
    before, after = start().value, copy.deepcopy(mistakes.mistake(name).apply(start()).value)
    member, key = place
    found = after[member].pop(key)
    assert (found, type(found)) == (value, type(value))
    expected = copy.deepcopy(before)
    expected.setdefault(member, {}).pop(key, None)
    if name == "misspelt-name":
        del expected[member]["media.channel"]
    assert after == expected


def test_renamed_key_keeps_its_position() -> None:
    keys = list(start().params)
    renamed = list(mistakes.mistake("misspelt-name").apply(start()).params)
    assert renamed == [key.replace("media.channel", "media.channelName") for key in keys]


def test_invalid_json_becomes_text() -> None:
    comma = mistakes.mistake("trailing-comma").apply(start()).to_bytes().decode()
    assert comma.count(",\n  }") == 1
    assert json.loads(comma.replace(",\n  }", "\n  }")) == start().value
    assert eval(mistakes.mistake("single-quotes").apply(start()).to_bytes()) == start().value
    twice = mistakes.mistake("key-twice").apply(start()).to_bytes().decode()
    assert twice.count('"media.id":') == 2
    assert json.loads(twice)["params"] == {**start().params, "media.id": "demo-trailer-1"}


def test_apply_does_not_modify_the_event() -> None:
    event = start("full")
    before = event.to_bytes()
    for mistake in ALL:
        mistake.apply(event)
    assert event.to_bytes() == before


BODIES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["params", "playerTime", "media.length", "ts", "playhead", "customMetadata", "mark"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(body=BODIES)
def test_apply_accepts_any_body(body: Any) -> None:
    for mistake in ALL:
        event = Event(body)
        broken = mistake.apply(event)
        if not isinstance(body, dict):
            assert broken.to_bytes() == event.to_bytes()
        else:
            validate(broken)


@pytest.mark.parametrize("number", [float("inf"), float("nan"), 10**400, -1e308, True, "60"])
def test_unusable_number_is_replaced_by_default(number: Any) -> None:
    body = {"playerTime": {"ts": number}, "params": {"media.length": number}}
    assert mistakes.mistake("length-milliseconds").apply(Event(body)).params == {"media.length": 60390}
    assert mistakes.mistake("ts-seconds").apply(Event(body)).ts_ms == 1_509_045_324


@pytest.mark.parametrize("text", ["{", "", "[1]", '"x"', b"\xff"])
def test_body_that_is_not_an_object_is_unchanged(text: Any) -> None:
    for mistake in ALL:
        assert mistake.apply(Event(text)).to_bytes() == Event(text).to_bytes()


@pytest.mark.parametrize("mistake", ALL, ids=lambda mistake: mistake.id)
def test_mistake_works_without_its_key(mistake: mistakes.Mistake) -> None:
    broken = mistake.apply(Event({"eventType": "sessionStart"}))
    rules = {problem.rule for problem in validate(broken, endpoint="sessions", now_ms=NOW_MS).problems}
    assert rules & {*mistake.rules, "missing"}


def test_unknown_mistake_suggests_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean 'no-channel'"):
        mistakes.mistake("no-chanel")
