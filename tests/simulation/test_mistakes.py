"""The mistakes: each is what its facts say, by the checker and by a sandbox that responses over HTTP."""

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
    with Sandbox() as sandbox, Client(sandbox) as made:
        yield made


def start(name: str = "vod") -> Event:
    return presets.preset(name, NOW_MS)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("mistake", ALL, ids=lambda found: found.id)
def test_it_breaks_just_the_rules_that_its_facts_name(mistake: mistakes.Mistake, name: str) -> None:
    broken = mistake.apply(start(name))
    verdict = validate(broken, endpoint="sessions", now_ms=NOW_MS)
    problems = verdict.errors if mistake.expected == "refused" else verdict.hints
    found = tuple(sorted({problem.rule for problem in problems}))
    assert found == mistake.rules
    assert verdict.ok is (mistake.expected == "silent")


@pytest.mark.parametrize("mistake", ALL, ids=lambda found: found.id)
def test_a_server_responses_as_its_facts_say(mistake: mistakes.Mistake, client: Client) -> None:
    exchange = client.start_session(mistake.apply(start()), send_anyway=True)
    assert exchange.status == {"refused": 400, "silent": 201}[mistake.expected]
    assert exchange.verdict is not None
    assert {problem.rule for problem in exchange.verdict.problems} >= set(mistake.rules)


@pytest.mark.parametrize("mistake", ALL, ids=lambda found: found.id)
def test_each_has_its_words_and_a_place_to_look_at(mistake: mistakes.Mistake) -> None:
    for words in (mistake.label, mistake.story, mistake.reports, mistake.outcome, mistake.source):
        assert words
    assert mistake.reports.endswith(".")
    assert mistakes.mistake(mistake.id) is mistake
    for rule in mistake.rules:
        assert catalog.rule(rule).level == ("error" if mistake.expected == "refused" else "hint")
    assert len({found.label for found in ALL}) == len(ALL)


def test_the_first_six_cards_have_mistakes() -> None:
    assert {found.card for found in ALL if found.card} == set(range(1, 7))
    assert [found.label for found in ALL[:3]] == ["Leave out the channel", "Number as text", "Misspell a name"]


# What each does to one body, written out by hand: the facts say the same in steps.
DONE: list[tuple[str, tuple[str, str], Any]] = [
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


@pytest.mark.parametrize(("name", "place", "value"), DONE)
def test_it_changes_one_value_and_leaves_the_rest(name: str, place: tuple[str, str], value: Any) -> None:
    before, after = start().value, copy.deepcopy(mistakes.mistake(name).apply(start()).value)
    member, key = place
    found = after[member].pop(key)
    assert (found, type(found)) == (value, type(value))
    expected = copy.deepcopy(before)
    expected.setdefault(member, {}).pop(key, None)
    if name == "misspelt-name":
        del expected[member]["media.channel"]
    assert after == expected


def test_a_renamed_key_stays_where_it_stood() -> None:
    keys = list(start().params)
    renamed = list(mistakes.mistake("misspelt-name").apply(start()).params)
    assert renamed == [key.replace("media.channel", "media.channelName") for key in keys]


def test_what_no_json_can_hold_becomes_text() -> None:
    comma = mistakes.mistake("trailing-comma").apply(start()).to_bytes().decode()
    assert comma.count(",\n  }") == 1
    assert json.loads(comma.replace(",\n  }", "\n  }")) == start().value
    assert eval(mistakes.mistake("single-quotes").apply(start()).to_bytes()) == start().value
    twice = mistakes.mistake("key-twice").apply(start()).to_bytes().decode()
    assert twice.count('"media.id":') == 2
    assert json.loads(twice)["params"] == {**start().params, "media.id": "demo-trailer-1"}


def test_the_event_that_was_handed_over_stays_as_it_was() -> None:
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
def test_no_body_is_too_broken_to_be_broken(body: Any) -> None:
    for mistake in ALL:
        event = Event(body)
        broken = mistake.apply(event)
        if not isinstance(body, dict):
            assert broken.to_bytes() == event.to_bytes()
        else:
            validate(broken)


@pytest.mark.parametrize("number", [float("inf"), float("nan"), 10**400, -1e308, True, "60"])
def test_a_number_beyond_all_measure_gives_way_to_the_usual_one(number: Any) -> None:
    body = {"playerTime": {"ts": number}, "params": {"media.length": number}}
    assert mistakes.mistake("length-milliseconds").apply(Event(body)).params == {"media.length": 60390}
    assert mistakes.mistake("ts-seconds").apply(Event(body)).ts_ms == 1_509_045_324


@pytest.mark.parametrize("text", ["{", "", "[1]", '"x"', b"\xff"])
def test_a_body_that_is_no_object_comes_back_as_it_is(text: Any) -> None:
    for mistake in ALL:
        assert mistake.apply(Event(text)).to_bytes() == Event(text).to_bytes()


@pytest.mark.parametrize("mistake", ALL, ids=lambda found: found.id)
def test_a_missing_key_is_no_hindrance(mistake: mistakes.Mistake) -> None:
    broken = mistake.apply(Event({"eventType": "sessionStart"}))
    rules = {problem.rule for problem in validate(broken, endpoint="sessions", now_ms=NOW_MS).problems}
    assert rules & {*mistake.rules, "missing"}


def test_an_unknown_mistake_names_a_known_one() -> None:
    with pytest.raises(UsageError, match="Did you mean 'no-channel'"):
        mistakes.mistake("no-chanel")
