"""Scenarios: those of mctoolkit are correct and match Adobe's timelines; errors in files name their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from mctoolkit import InputError, UsageError, simulation, validate
from mctoolkit.models.session.state_machine import SessionState
from mctoolkit.simulation import DEFECTS, Scenario, parse_scenario, scenario
from tests.simulation.events import NOW_MS, bodies, summary, violated_rules

NAMES = list(simulation.known())

# --- the scenarios of mctoolkit --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_scenario_is_valid_and_in_order(name: str) -> None:
    events = scenario(name).events(NOW_MS)
    for event in events:
        assert validate(event.body, endpoint=event.endpoint, now_ms=NOW_MS + event.at_ms).problems == ()
    assert violated_rules(events) == set()
    assert scenario(name).about


@pytest.mark.parametrize("name", NAMES)
def test_scenario_has_unique_ascending_time_stamps(name: str) -> None:
    stamps = [body["playerTime"]["ts"] for _, body in bodies(scenario(name).events(NOW_MS))]
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize("name", NAMES)
def test_scenario_sends_nothing_to_closed_sessions(name: str) -> None:
    states: dict[str, SessionState] = {}
    for session, body in bodies(scenario(name).events(NOW_MS)):
        at_ms = body["playerTime"]["ts"]
        if body["eventType"] == "sessionStart":
            states[session] = SessionState(at_ms, body)
        else:
            assert states[session].closing(at_ms) is None
            states[session].apply(body, at_ms)


@pytest.mark.parametrize("name", NAMES)
def test_scenario_works_with_every_defect(name: str) -> None:
    sessions = {event.session for event in scenario(name).events(NOW_MS)}
    for defect in DEFECTS:
        assert {event.session for event in scenario(name).events(NOW_MS, defects=[defect])} == sessions


def test_timeline_1_has_documented_times_and_playheads() -> None:
    found = summary(scenario("timeline-1").events(NOW_MS))
    assert [one for one in found if one[1] != "ping" or one[2] > 0] == [
        (0, "sessionStart", 0), (0, "adBreakStart", 0), (0, "adStart", 0), (15, "adComplete", 0), (15, "adStart", 0),
        (22, "adComplete", 0), (22, "adBreakComplete", 0), (22, "play", 0), (30, "ping", 8), (33, "bufferStart", 11),
        (36, "play", 11), (40, "ping", 15), (46, "adBreakStart", 21), (46, "adStart", 21),
        *((second, "ping", 21) for second in range(47, 54)),
        (54, "adComplete", 21), (54, "adBreakComplete", 21), (54, "play", 21), (60, "ping", 27), (64, "pauseStart", 31),
        (70, "ping", 31), (74, "play", 31), (80, "ping", 37), (88, "sessionComplete", 45),
    ]  # fmt: skip
    pings_in_preroll = [at for at, event, playhead in found if event == "ping" and playhead == 0]
    assert pings_in_preroll == [*range(1, 15), *range(16, 22)]


def test_timeline_2_continues_playhead_after_error() -> None:
    found = summary(scenario("timeline-2").events(NOW_MS))
    assert [one for one in found if one[1] != "ping" or 12 < one[0] < 45] == [
        (0, "sessionStart", 0), (0, "adBreakStart", 0), (0, "adStart", 0), (12, "adComplete", 0),
        (12, "adBreakComplete", 0), (12, "play", 0), (20, "ping", 8), (30, "ping", 18), (32, "error", 20),
        (37, "play", 20), (40, "ping", 23), (45, "adBreakStart", 28), (45, "adStart", 28), (48, "adSkip", 28),
        (48, "adBreakComplete", 28), (48, "sessionEnd", 28),
    ]  # fmt: skip


def test_timeline_3_has_documented_chapters() -> None:
    assert [one for one in summary(scenario("timeline-3").events(NOW_MS)) if "hapter" in one[1]] == [
        (23, "chapterStart", 1),
        (45, "chapterComplete", 20),
        (55, "chapterStart", 22),
        (87, "chapterComplete", 44),
    ]


def test_resume_starts_second_session_with_state_that_is_on() -> None:
    events = scenario("resume").events(NOW_MS)
    second = [event for event in events if event.session == "2"]
    assert [event.event_type for event in second[:3]] == ["sessionStart", "stateStart", "play"]
    assert second[0].body["params"]["media.resume"] is True
    assert second[0].body["playerTime"]["playhead"] == 60
    assert second[0].at_ms == 36 * 60_000
    last = [event for event in events if event.session == "1"][-1]
    assert last.event_type == "ping"
    assert last.at_ms < 60_000 + 30 * 60_000


def test_no_resume_defect_omits_media_resume() -> None:
    events = scenario("resume").events(NOW_MS, defects=["no-resume"])
    assert not any("media.resume" in event.body.get("params", {}) for event in events)


def test_hand_over_ends_without_complete_and_resumes_on_phone() -> None:
    events = scenario("hand-over").events(NOW_MS)
    television = [event.event_type for event in events if event.session == "television"]
    assert television[-1] == "sessionEnd"
    assert "sessionComplete" not in television
    phone = next(event for event in events if event.session == "phone")
    assert phone.body["params"]["media.resume"] is True
    assert phone.body["params"]["media.playerName"] == "demo-phone-app"
    assert phone.body["playerTime"]["playhead"] == 40


def test_downloaded_is_one_list_sent_when_online_again() -> None:
    (event,) = scenario("downloaded").events(NOW_MS)
    assert event.endpoint == "downloaded"
    assert event.at_ms == 90 * 60_000
    assert [(body["eventType"], body["playerTime"]["playhead"]) for body in event.body] == [
        ("sessionStart", 0), ("play", 0), ("ping", 10), ("ping", 20), ("ping", 30), ("sessionComplete", 35),
    ]  # fmt: skip


# --- files -----------------------------------------------------------------------------------------------------------


def parse(text: str) -> Scenario:
    return parse_scenario(text, "mine.toml")


def error_for(text: str) -> str:
    with pytest.raises(InputError) as caught:
        parse(text)
    return str(caught.value)


def steps(*lines: str) -> str:
    return "steps = [\n" + "\n".join(f"  {line}," for line in lines) + "\n]\n"


START = steps('{ at = 0, do = "start" }')


def test_file_with_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(
        b"\xef\xbb\xbf" + b'about = "Mine"\nstart.media.length = 20\nlabels = { team = "a" }\n'
        + steps('{ at = 0, do = "start" }', '{ at = "0:01", do = "play" }', '{ at = 00:01:00, do = "end" }').encode()
    )  # fmt: skip
    mine = scenario(path)
    assert (mine.name, mine.about) == ("mine.toml", "Mine")
    events = mine.events(NOW_MS)
    assert summary(events) == [
        (0, "sessionStart", 0), (1, "play", 0), (11, "ping", 10), (21, "sessionComplete", 20), (60, "sessionEnd", 20),
    ]  # fmt: skip
    assert events[0].body["params"]["media.length"] == 20
    assert events[0].body["customMetadata"] == {"team": "a"}


def test_names_may_be_quoted_or_dotted() -> None:
    dotted = parse("start.media.length = 20\n" + steps('{ at = 0, do = "start", params.media.id = "a" }'))
    quoted = parse('start = { "media.length" = 20 }\n' + steps('{ at = 0, do = "start", params = {"media.id" = "a"} }'))
    assert dotted.events(0) == quoted.events(0)
    nested = parse('start.visitor.customerIDs = { crm = { id = "1" } }\n' + START)
    assert nested.events(0)[0].body["params"]["visitor.customerIDs"] == {"crm": {"id": "1"}}


def test_file_may_have_defects() -> None:
    mine = parse('defects = ["no-pings"]\n' + steps('{ at = 0, do = "start" }', '{ at = 60, do = "end" }'))
    assert [event.event_type for event in mine.events(0)] == ["sessionStart", "sessionEnd"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("steps = [", "The scenario mine.toml is not valid TOML"),
        ("", "it has no steps"),
        ("step = []\n", "Did you mean 'steps'"),
        ("[start]\nsteps = []\n", '"steps" is inside [start]'),
        ('start = "vod"\n' + START, "start is 'vod', but must be a table"),
        ('preset = "lives"\n' + START, "Did you mean 'live'"),
        ("preset = [1]\n" + START, "no preset [1]"),
        ('pings = "often"\n' + START, "playback, clock"),
        ('online_at = "soon"\n' + START, "online_at is 'soon'"),
        ('defects = "no-pings"\n' + START, "defects is 'no-pings', but must be a list"),
        ('defects = ["no-ping"]\n' + START, "Did you mean 'no-pings'"),
        (steps("3"), "line 2 (step 1): a step is a table"),
        (steps('{ at = 0, do = "start" }', '{ at = 1 }'), 'line 3 (step 2): "do" is missing'),
        (steps('{ do = "start" }'), 'line 2 (step 1): "at" is missing'),
        (steps('{ at = 0, do = "start" }', '{ at = 5, do = "plya" }'), "line 3 (step 2): There is no action 'plya'"),
        (steps('{ at = 9, do = "start" }', '{ at = 5, do = "play" }'), "line 3 (step 2): at is 5, which is before"),
        (steps('{ at = "1:75", do = "start" }'), "at is '1:75'"),
        (steps('{ at = -1, do = "start" }'), "at is -1"),
        (steps('{ at = nan, do = "start" }'), "at is nan"),
        (steps('{ at = 999999, do = "start" }'), "48 hours"),
        (steps('{ at = 0, do = "start", device = 1 }'), "device is 1"),
        (steps('{ at = 0, do = "play" }'), "line 2 (step 1): No session has been started"),
        (steps('{ at = 0, do = "start" }', '{ at = 1, do = "skip" }'), "line 3 (step 2): There is nothing to skip"),
        (
            steps('{ at = 0, do = "start" }', '{ at = 1, do = "sleep", seconds = 60 }', '{ at = 30, do = "play" }'),
            "line 4 (step 3): the player sleeps until 1:01",
        ),
    ],
)  # fmt: skip
def test_error_in_file_names_line_and_next_step(text: str, message: str) -> None:
    error = error_for(text)
    assert message in error
    assert error.startswith(("The scenario mine.toml cannot be played", "The scenario mine.toml is not valid TOML"))


def test_all_errors_are_reported_at_once_up_to_ten() -> None:
    assert "2 problems" in error_for(steps('{ at = 0, do = "strat" }', '{ at = 1, do = "plya" }'))
    assert "and 5 more" in error_for(steps(*['{ at = 0, do = "strat" }'] * 15))


def test_line_is_found_with_array_of_tables() -> None:
    text = '# one\n\n[[steps]]\nat = 0\ndo = "start"\n\n[[steps]]\nat = 1\ndo = "plya"\n'
    assert "line 7 (step 2)" in error_for(text)


def test_scenario_not_found_or_not_readable(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'timeline-1'"):
        scenario("timeline1")
    with pytest.raises(InputError, match=r"Cannot read the scenario .*: No such file"):
        scenario(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'about = "\xe9"')
    with pytest.raises(InputError, match="not UTF-8"):
        scenario(tmp_path / "latin.toml")
    with pytest.raises(UsageError, match="this is 3"):
        scenario(3)  # type: ignore[arg-type]
    assert scenario(scenario("live")) is scenario("live")


def test_events_of_two_devices_are_in_order_of_time() -> None:
    both = parse(
        steps(
            '{ at = 0, do = "start", device = "a" }',
            '{ at = 5, do = "start", device = "b" }',
            '{ at = 21, do = "end", device = "b" }',
            '{ at = 21, do = "end", device = "a" }',
        )
    )
    assert [(event.at_ms // 1000, event.session) for event in both.events(0)] == [
        (0, "a"), (5, "b"), (10, "a"), (15, "b"), (20, "a"), (21, "b"), (21, "a"),
    ]  # fmt: skip


def test_action_replaces_ping_that_is_due_at_same_time() -> None:
    mine = parse(steps('{ at = 0, do = "start" }', '{ at = 10, do = "play" }', '{ at = 25, do = "end" }'))
    assert [(event.at_ms, event.event_type) for event in mine.events(0)][1:] == [
        (10_000, "play"),
        (20_000, "ping"),
        (25_000, "sessionEnd"),
    ]
