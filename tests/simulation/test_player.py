"""The model player and its scenarios: every event right, in order, and at its time; and broken where asked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from mctoolkit import InputError, UsageError, simulation, validate
from mctoolkit.models.session.state_machine import SessionState
from mctoolkit.simulation import ACTIONS, DEFECTS, PlannedEvent, Player, Scenario, presets, read_scenario, scenario

NOW_MS = 1_795_421_642_000


def bodies(steps: Iterable[PlannedEvent]) -> list[tuple[str, dict[str, Any]]]:
    """Return every event with the name of its session, those of a list one by one."""
    return [
        (step.session, body) for step in steps for body in (step.body if isinstance(step.body, list) else [step.body])
    ]


def seen(steps: Iterable[PlannedEvent]) -> list[tuple[float, str, float]]:
    """Return second, type and playhead of each event, by its time stamp."""
    return [
        ((body["playerTime"]["ts"] - NOW_MS) // 10 / 100, body["eventType"], body["playerTime"]["playhead"])
        for _, body in bodies(steps)
    ]


def slips(steps: Iterable[PlannedEvent]) -> set[str]:
    """Return by which rules the sessions are out of order."""
    states: dict[str, SessionState] = {}
    found: set[str] = set()
    for session, body in bodies(steps):
        at_ms = body["playerTime"]["ts"]
        if body["eventType"] == "sessionStart":
            states[session] = SessionState(at_ms, body)
        else:
            found |= set(states[session].apply(body, at_ms))
    return found


def newborn(**options: Any) -> Player:
    return Player(presets.preset("vod", NOW_MS), **options)


def played(*defects: str) -> list[PlannedEvent]:
    """Play a viewing with everything in it."""
    player = newborn(defects=defects)
    steps = [*player.start(), *player.ad_break(), *player.ad(length=5), *player.wait(5), *player.play()]
    steps += [*player.chapter(length=20, name="One"), *player.wait(15), *player.state("mute"), *player.pause()]
    steps += [*player.wait(12), *player.play(), *player.wait(60), *player.wait(30), *player.end()]
    return steps


# --- the scenarios that come with mctoolkit --------------------------------------------------------------------------


@pytest.mark.parametrize("name", simulation.known())
def test_every_event_of_every_scenario_is_valid_and_in_order(name: str) -> None:
    steps = scenario(name).steps(NOW_MS)
    for step in steps:
        assert validate(step.body, endpoint=step.endpoint, now_ms=NOW_MS + step.at_ms).problems == ()
    assert slips(steps) == set()
    assert scenario(name).about


@pytest.mark.parametrize("name", simulation.known())
def test_no_two_events_of_a_scenario_share_a_time_stamp(name: str) -> None:
    stamps = [body["playerTime"]["ts"] for _, body in bodies(scenario(name).steps(NOW_MS))]
    assert stamps == sorted(set(stamps))


@pytest.mark.parametrize("name", simulation.known())
def test_no_session_of_a_scenario_is_closed_before_its_last_event(name: str) -> None:
    last: dict[str, SessionState] = {}
    for session, body in bodies(scenario(name).steps(NOW_MS)):
        at_ms = body["playerTime"]["ts"]
        if body["eventType"] == "sessionStart":
            last[session] = SessionState(at_ms, body)
        else:
            assert last[session].closing(at_ms) is None
            last[session].apply(body, at_ms)


def documented(name: str, *but: str) -> list[tuple[float, str, float]]:
    return [one for one in seen(scenario(name).steps(NOW_MS)) if one[1] not in but]


def test_timeline_1_has_the_documented_times_and_playheads() -> None:
    found = documented("timeline-1")
    content = [one for one in found if one[1] != "ping" or one[2] > 0]
    assert content == [
        (0, "sessionStart", 0), (0, "adBreakStart", 0), (0, "adStart", 0), (15, "adComplete", 0), (15, "adStart", 0),
        (22, "adComplete", 0), (22, "adBreakComplete", 0), (22, "play", 0), (30, "ping", 8), (33, "bufferStart", 11),
        (36, "play", 11), (40, "ping", 15), (46, "adBreakStart", 21), (46, "adStart", 21),
        *((second, "ping", 21) for second in range(47, 54)),
        (54, "adComplete", 21), (54, "adBreakComplete", 21), (54, "play", 21), (60, "ping", 27), (64, "pauseStart", 31),
        (70, "ping", 31), (74, "play", 31), (80, "ping", 37), (88, "sessionComplete", 45),
    ]  # fmt: skip
    assert [at for at, event, playhead in found if event == "ping" and playhead == 0] == [
        *range(1, 15), *range(16, 22)
    ]  # fmt: skip


def test_timeline_2_goes_on_from_the_error_as_the_clock_does() -> None:
    found = [one for one in documented("timeline-2") if one[1] != "ping" or 12 < one[0] < 45]
    assert found == [
        (0, "sessionStart", 0), (0, "adBreakStart", 0), (0, "adStart", 0), (12, "adComplete", 0),
        (12, "adBreakComplete", 0), (12, "play", 0), (20, "ping", 8), (30, "ping", 18), (32, "error", 20),
        (37, "play", 20), (40, "ping", 23), (45, "adBreakStart", 28), (45, "adStart", 28), (48, "adSkip", 28),
        (48, "adBreakComplete", 28), (48, "sessionEnd", 28),
    ]  # fmt: skip


def test_timeline_3_has_the_chapters_of_the_documentation() -> None:
    chapters = [one for one in documented("timeline-3") if "hapter" in one[1]]
    assert chapters == [
        (23, "chapterStart", 1),
        (45, "chapterComplete", 20),
        (55, "chapterStart", 22),
        (87, "chapterComplete", 44),
    ]


def test_resume_starts_a_second_session_with_the_state_that_is_on() -> None:
    steps = scenario("resume").steps(NOW_MS)
    second = [step for step in steps if step.session == "2"]
    assert [step.event_type for step in second[:3]] == ["sessionStart", "stateStart", "play"]
    assert second[0].body["params"]["media.resume"] is True
    assert second[0].body["playerTime"]["playhead"] == 60
    before = [step for step in steps if step.session == "1"][-1]
    assert before.event_type == "ping"
    assert before.at_ms < 60_000 + 30 * 60_000
    assert second[0].at_ms == 36 * 60_000


def test_hand_over_ends_without_complete_and_resumes_elsewhere() -> None:
    steps = scenario("hand-over").steps(NOW_MS)
    television = [step.event_type for step in steps if step.session == "television"]
    assert television[-1] == "sessionEnd"
    assert "sessionComplete" not in television
    phone = next(step for step in steps if step.session == "phone")
    assert phone.body["params"]["media.resume"] is True
    assert phone.body["params"]["media.playerName"] == "demo-phone-app"
    assert phone.body["playerTime"]["playhead"] == 40


def test_downloaded_is_one_list_sent_when_online_again() -> None:
    (step,) = scenario("downloaded").steps(NOW_MS)
    assert step.endpoint == "downloaded"
    assert step.at_ms == 90 * 60_000
    assert [body["eventType"] for body in step.body] == [
        "sessionStart", "play", "ping", "ping", "ping", "sessionComplete"
    ]  # fmt: skip
    assert [body["playerTime"]["playhead"] for body in step.body] == [0, 0, 10, 20, 30, 35]


# --- the player ------------------------------------------------------------------------------------------------------


def test_pings_come_ten_seconds_after_the_last_change_of_playback() -> None:
    player = newborn()
    steps = [*player.start(), *player.wait(3), *player.play(), *player.wait(14), *player.buffer(), *player.wait(10)]
    assert seen(steps) == [
        (0, "sessionStart", 0), (3, "play", 0), (13, "ping", 10), (17, "bufferStart", 14), (27, "ping", 14),
    ]  # fmt: skip


def test_pings_by_the_clock_keep_to_the_start_of_the_session() -> None:
    player = newborn(pings="clock")
    steps = [*player.start(), *player.wait(3), *player.play(), *player.wait(18)]
    assert [one[0] for one in seen(steps) if one[1] == "ping"] == [10, 20]


def test_pings_come_each_second_in_an_ad_and_the_first_after_one_second_with_a_preroll() -> None:
    player = newborn()
    steps = [*player.start(), *player.ad(length=3), *player.wait(3.5)]
    assert seen(steps) == [
        (0, "sessionStart", 0), (0, "adBreakStart", 0), (0, "adStart", 0), (1, "ping", 0), (2, "ping", 0),
        (3, "adComplete", 0),
    ]  # fmt: skip


def test_the_playhead_stands_still_in_ads_pauses_and_waits() -> None:
    player = newborn()
    player.start()
    for stopped in (player.pause, player.buffer, player.ad):
        player.play() if not player.in_break else player.ad_break_end()
        player.wait(2)
        before = player.playhead_s
        stopped()
        player.wait(5)
        assert player.playhead_s == before


def test_an_ad_that_is_paused_lasts_longer() -> None:
    player = newborn()
    player.start()
    player.ad(length=10)
    player.wait(4)
    player.pause()
    player.wait(60)
    assert player.ad_left_s == 6
    player.play()
    assert [step.event_type for step in player.wait(6)][-2:] == ["ping", "adComplete"]


def test_the_end_closes_what_is_open_first() -> None:
    player = newborn()
    player.start()
    player.play()
    player.chapter(length=500)
    player.ad()
    assert [step.event_type for step in player.end()] == ["adSkip", "adBreakComplete", "chapterSkip", "sessionEnd"]
    assert player.next_ping_s is None


def test_the_programme_ends_by_itself_and_pings_end_with_it() -> None:
    player = Player({**presets.preset("vod", NOW_MS).value, "params": {"media.length": 12}})
    player.start()
    player.play()
    assert [step.event_type for step in player.wait(60)] == ["ping", "sessionComplete"]
    assert player.playhead_s == 12
    assert [step.event_type for step in player.end()] == ["sessionEnd"]


def test_live_counts_on_past_midnight_and_never_ends_by_itself() -> None:
    begin_ms = NOW_MS // 86_400_000 * 86_400_000 + 86_390_000
    player = Player(presets.preset("live", begin_ms))
    player.start()
    player.play()
    playheads = [step.body["playerTime"]["playhead"] for step in player.wait(30)]
    assert playheads == [0, 10, 20]


def test_a_jump_is_a_pause_and_a_play_and_leaves_the_chapter() -> None:
    player = newborn()
    player.start()
    player.play()
    player.chapter(length=20)
    player.wait(5)
    steps = player.seek(40)
    assert [(step.event_type, step.body["playerTime"]["playhead"]) for step in steps] == [
        ("pauseStart", 5),
        ("chapterSkip", 40),
        ("play", 40),
    ]
    player.pause()
    assert player.seek(10) == ()
    assert player.playhead_s == 10


def test_play_between_ads_closes_the_break_first() -> None:
    player = newborn()
    player.start()
    player.ad(length=1)
    player.wait(1)
    assert [step.event_type for step in player.play()] == ["adBreakComplete", "play"]


def test_a_lost_session_goes_on_with_all_that_is_still_going_on() -> None:
    player = newborn()
    player.start()
    player.play()
    player.state("fullScreen")
    player.chapter(length=50)
    player.wait(7)
    player.lose()
    assert player.wait(60) == ()
    with pytest.raises(UsageError, match="gone at the server"):
        player.pause()
    steps = player.restart()
    assert [step.event_type for step in steps] == ["sessionStart", "chapterStart", "stateStart", "play"]
    assert steps[0].body["params"]["media.resume"] is True
    assert {step.session for step in steps} == {"2"}
    assert slips(steps) == set()


def test_a_device_that_sleeps_sends_nothing_and_goes_on_afterwards() -> None:
    player = newborn()
    player.start()
    player.play()
    player.wait(4)
    assert player.sleep(660) == ()
    assert [(step.at_ms, step.body["playerTime"]["playhead"]) for step in player.wait(6)] == [(670_000, 10)]


def test_changes_of_its_own_are_for_one_event_only() -> None:
    player = newborn()
    player.start()
    (step,) = player.play(ts=5, playhead=-1, params={"x": 1}, qoeData={"media.qoe.bitrate": 9})
    assert step.body == {
        "playerTime": {"playhead": -1, "ts": 5},
        "eventType": "play",
        "params": {"x": 1},
        "qoeData": {"media.qoe.bitrate": 9},
    }
    assert player.pause(drop=True) == ()
    assert player.mode == "paused"
    assert player.wait(10)[0].body["playerTime"] == {"playhead": 0, "ts": NOW_MS + 10_000}


@pytest.mark.parametrize(
    ("doing", "message"),
    [
        (["pause"], "not been started"),
        (["start", "start"], "running already"),
        (["start", "pause", "pause"], "paused already"),
        (["start", "buffer", "pause"], "waiting for data"),
        (["start", "buffer", "buffer"], "waiting for data"),
        (["start", "skip"], "nothing to skip"),
        (["start", "ad break end"], "No ad break"),
        (["start", "ad", "play"], "An ad is running"),
        (["start", "end", "play"], "has ended"),
        (["start", "complete", "play"], "to its end"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(doing: list[str], message: str) -> None:
    player = newborn()
    for name in doing[:-1]:
        player.do(name)
    with pytest.raises(UsageError, match=message):
        player.do(doing[-1])


def test_states_are_on_or_off_and_ten_at_most() -> None:
    player = newborn()
    player.start()
    player.state("fullScreen")
    with pytest.raises(UsageError, match="on already"):
        player.state("FULLSCREEN")
    with pytest.raises(UsageError, match="cannot be turned off"):
        player.state("mute", on=False)
    for number in range(9):
        player.state(f"own{number}")
    with pytest.raises(UsageError, match="only 10"):
        player.state("mute")


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("plya", {}, "Did you mean 'play'"),
        (["play"], {}, "no action"),
        ("play", {"parms": {}}, "Did you mean 'params'"),
        ("seek", {}, "needs a value to"),
        ("seek", {"to": "40"}, "must be a number of seconds"),
        ("seek", {"to": -1}, "must be a number of seconds"),
        ("ad", {"position": 1.0}, "must be a whole number"),
        ("state", {"name": ""}, "must be a text"),
        ("state", {"name": "x", "on": 1}, "true or false"),
        ("play", {"params": []}, "must be a table"),
    ],
)
def test_slips_in_an_action_are_named(name: Any, values: dict[str, Any], message: str) -> None:
    player = newborn()
    player.start()
    with pytest.raises(UsageError, match=message):
        player.do(name, **values)


def test_the_case_of_an_action_does_not_matter() -> None:
    player = newborn()
    player.start()
    assert [step.event_type for step in player.do(" Ad Break ")] == ["adBreakStart"]


def test_every_action_is_a_method_that_takes_its_values() -> None:
    samples: dict[str, Any] = {"seconds": 1, "number": 1, "whole": 1, "text": "x", "flag": True, "table": {}}
    for action in ACTIONS.values():
        player = newborn()
        if action.name != "start":
            player.start()
        if action.name in ("skip", "ad break end"):
            player.ad()
        player.do(action.name, **{name: samples[kind] for name, kind in action.values.items()})


@pytest.mark.parametrize("playhead", [float("nan"), float("inf"), "5", None, True])
def test_a_start_with_an_odd_playhead_begins_at_zero(playhead: object) -> None:
    assert Player({"playerTime": {"playhead": playhead}}).playhead_s == 0


def test_a_start_that_is_no_object_is_refused() -> None:
    with pytest.raises(UsageError, match="JSON object"):
        Player([])  # type: ignore[arg-type]


def test_the_player_keeps_its_own_copy_of_the_start() -> None:
    start = {"playerTime": {"playhead": 0, "ts": 1}, "params": {"visitor.customerIDs": {"crm": {"id": "1"}}}}
    player = Player(start)
    (step,) = player.start()
    step.body["params"]["visitor.customerIDs"]["crm"]["id"] = "changed"
    player.end()
    for params in (start["params"], player.start()[0].body["params"]):
        assert params == {"visitor.customerIDs": {"crm": {"id": "1"}}}


# --- broken on purpose -----------------------------------------------------------------------------------------------


def test_the_viewing_that_is_broken_below_is_whole_without_a_defect() -> None:
    assert slips(played()) == set()
    assert {body["eventType"] for _, body in bodies(played())} >= {
        "ping", "adBreakStart", "adStart", "adComplete", "adBreakComplete", "chapterStart", "chapterComplete",
        "sessionComplete", "sessionEnd", "pauseStart", "stateStart",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("defect", "rule"),
    [
        ("play-before-preroll", "play-before-preroll"),
        ("ad-outside-break", "ad-outside-break"),
        ("pings-after-end", "after-complete"),
    ],
)
def test_a_defect_breaks_its_rule(defect: str, rule: str) -> None:
    assert rule in slips(played(defect))


@pytest.mark.parametrize("defect", [name for name, known in DEFECTS.items() if known.silent])
def test_a_silent_defect_keeps_its_events_back_and_no_others(defect: str) -> None:
    whole, broken = ([body["eventType"] for _, body in bodies(steps)] for steps in (played(), played(defect)))
    assert broken == [event for event in whole if event not in DEFECTS[defect].silent]
    assert len(broken) < len(whole)


def test_the_defects_of_clock_and_playhead() -> None:
    assert {body["playerTime"]["ts"] for _, body in bodies(played("ts-equal"))} == {NOW_MS}
    assert all(body["playerTime"]["ts"] < NOW_MS / 900 for _, body in bodies(played("ts-seconds")))
    assert max(body["playerTime"]["playhead"] for _, body in bodies(played("playhead-ms"))) > 1000
    assert {body["playerTime"]["playhead"] for _, body in bodies(played("playhead-still"))} == {0}
    in_ads = [
        body["playerTime"]["playhead"]
        for _, body in bodies(played("playhead-in-ads"))
        if body["eventType"] == "adComplete"
    ]
    assert in_ads == [5]


@pytest.mark.parametrize("name", simulation.known())
@pytest.mark.parametrize("defect", DEFECTS)
def test_every_scenario_can_be_played_with_every_defect(name: str, defect: str) -> None:
    whole, broken = scenario(name).steps(NOW_MS), scenario(name).steps(NOW_MS, defects=[defect])
    assert broken[-1].at_ms >= 0
    assert {step.session for step in broken} == {step.session for step in whole}


def test_rare_pings_are_a_minute_apart() -> None:
    player = newborn(defects=["rare-pings"])
    player.start()
    player.play()
    player.pause()
    assert [step.at_ms for step in player.wait(200)] == [60_000, 120_000, 180_000]


def test_without_resume_a_viewing_counts_as_new() -> None:
    steps = scenario("resume").steps(NOW_MS, defects=["no-resume"])
    assert [step for step in steps if step.body.get("params", {}).get("media.resume")] == []


def test_defects_can_change_on_the_way() -> None:
    player = newborn()
    player.start()
    player.play()
    player.defects.add("no-pings")
    assert player.wait(30) == ()
    player.defects.clear()
    assert len(player.wait(10)) == 1


def test_an_unknown_defect_is_named() -> None:
    with pytest.raises(UsageError, match="Did you mean 'no-pings'"):
        newborn(defects=["no-ping"])
    with pytest.raises(UsageError, match="There are: no-pings"):
        newborn(defects=["zzzzzz"])


def test_each_defect_has_its_words() -> None:
    for defect in DEFECTS.values():
        assert defect.label
        assert defect.help.endswith(".")


# --- files of one's own ----------------------------------------------------------------------------------------------


def read(text: str) -> Scenario:
    return read_scenario(text, "mine.toml")


def complaint(text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(text)
    return str(caught.value)


def steps_of(*lines: str) -> str:
    return "steps = [\n" + "\n".join(f"  {line}," for line in lines) + "\n]\n"


def test_a_file_of_ones_own_is_read_and_played(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(
        b"\xef\xbb\xbf" + b'about = "Mine"\nstart.media.length = 20\nlabels = { team = "a" }\n'
        + steps_of('{ at = 0, do = "start" }', '{ at = "0:01", do = "play" }', '{ at = 00:01:00, do = "end" }').encode()
    )  # fmt: skip
    mine = scenario(path)
    assert (mine.name, mine.about) == ("mine.toml", "Mine")
    steps = mine.steps(NOW_MS)
    assert seen(steps) == [
        (0, "sessionStart", 0), (1, "play", 0), (11, "ping", 10), (21, "sessionComplete", 20), (60, "sessionEnd", 20),
    ]  # fmt: skip
    assert steps[0].body["params"]["media.length"] == 20
    assert steps[0].body["customMetadata"] == {"team": "a"}


def test_names_may_be_quoted_or_not() -> None:
    plain = read("start.media.length = 20\n" + steps_of('{ at = 0, do = "start", params.media.id = "a" }'))
    quoted = read(
        'start = { "media.length" = 20 }\n' + steps_of('{ at = 0, do = "start", params = {"media.id" = "a"} }')
    )
    assert plain.steps(0) == quoted.steps(0)
    nested = read('start.visitor.customerIDs = { crm = { id = "1" } }\n' + steps_of('{ at = 0, do = "start" }'))
    assert nested.steps(0)[0].body["params"]["visitor.customerIDs"] == {"crm": {"id": "1"}}


def test_defects_may_stand_in_the_file() -> None:
    mine = read('defects = ["no-pings"]\n' + steps_of('{ at = 0, do = "start" }', '{ at = 60, do = "end" }'))
    assert [step.event_type for step in mine.steps(0)] == ["sessionStart", "sessionEnd"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("steps = [", "not written as TOML"),
        ("", "it has no steps"),
        ("step = []\n", "Did you mean 'steps'"),
        ("[start]\nsteps = []\n", 'stands inside [start]'),
        ('start = "vod"\n' + steps_of('{ at = 0, do = "start" }'), "start is a table"),
        ('preset = "lives"\n' + steps_of('{ at = 0, do = "start" }'), "Did you mean 'live'"),
        ("preset = [1]\n" + steps_of('{ at = 0, do = "start" }'), "no example [1]"),
        ('pings = "often"\n' + steps_of('{ at = 0, do = "start" }'), "playback, clock"),
        ('online_at = "soon"\n' + steps_of('{ at = 0, do = "start" }'), "online_at is 'soon'"),
        ('defects = "no-pings"\n' + steps_of('{ at = 0, do = "start" }'), "defects is a list"),
        ('defects = ["no-ping"]\n' + steps_of('{ at = 0, do = "start" }'), "Did you mean 'no-pings'"),
        (steps_of("3"), "line 2 (step 1): a step is a line"),
        (steps_of('{ at = 0, do = "start" }', '{ at = 1 }'), 'line 3 (step 2): "do" is missing'),
        (steps_of('{ do = "start" }'), 'line 2 (step 1): "at" is missing'),
        (steps_of('{ at = 0, do = "start" }', '{ at = 5, do = "plya" }'), "line 3 (step 2): There is no action 'plya'"),
        (steps_of('{ at = 9, do = "start" }', '{ at = 5, do = "play" }'), "line 3 (step 2): at is 5, which lies before"),
        (steps_of('{ at = "1:75", do = "start" }'), "at is '1:75'"),
        (steps_of('{ at = -1, do = "start" }'), "at is -1"),
        (steps_of('{ at = nan, do = "start" }'), "at is nan"),
        (steps_of('{ at = 999999, do = "start" }'), "48 hours"),
        (steps_of('{ at = 0, do = "start", device = 1 }'), "device is 1"),
        (steps_of('{ at = 0, do = "play" }'), "line 2 (step 1): The session has not been started"),
        (steps_of('{ at = 0, do = "start" }', '{ at = 1, do = "skip" }'), "line 3 (step 2): There is nothing to skip"),
        (
            steps_of('{ at = 0, do = "start" }', '{ at = 1, do = "sleep", seconds = 60 }', '{ at = 30, do = "play" }'),
            "line 4 (step 3): the player is away until 1:01",
        ),
    ],
)  # fmt: skip
def test_a_slip_in_a_file_is_named_with_its_line_and_the_next_step(text: str, message: str) -> None:
    said = complaint(text)
    assert message in said
    assert said.startswith(("The scenario mine.toml cannot be played", "Reading the scenario mine.toml"))


def test_all_slips_are_named_at_once_and_ten_at_most() -> None:
    assert "2 problems" in complaint(steps_of('{ at = 0, do = "strat" }', '{ at = 1, do = "plya" }'))
    assert "and 5 more" in complaint(steps_of(*['{ at = 0, do = "strat" }'] * 15))


def test_lines_are_found_in_either_way_of_writing_a_list() -> None:
    text = '# one\n\n[[steps]]\nat = 0\ndo = "start"\n\n[[steps]]\nat = 1\ndo = "plya"\n'
    assert "line 7 (step 2)" in complaint(text)


def test_what_is_no_scenario_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Did you mean 'timeline-1'"):
        scenario("timeline1")
    with pytest.raises(InputError, match="cannot be read: No such file"):
        scenario(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'about = "\xe9"')
    with pytest.raises(InputError, match="no text in UTF-8"):
        scenario(tmp_path / "latin.toml")
    with pytest.raises(UsageError, match="This is 3"):
        scenario(3)  # type: ignore[arg-type]
    assert scenario(scenario("live")) is scenario("live")


def test_the_events_of_two_devices_are_in_the_order_of_time() -> None:
    both = read(
        steps_of(
            '{ at = 0, do = "start", device = "a" }',
            '{ at = 5, do = "start", device = "b" }',
            '{ at = 21, do = "end", device = "b" }',
            '{ at = 21, do = "end", device = "a" }',
        )
    )
    assert [(step.at_ms // 1000, step.session) for step in both.steps(0)] == [
        (0, "a"), (5, "b"), (10, "a"), (15, "b"), (20, "a"), (21, "b"), (21, "a"),
    ]  # fmt: skip


def test_a_ping_that_is_due_as_something_else_is_done_gives_way() -> None:
    mine = read(steps_of('{ at = 0, do = "start" }', '{ at = 10, do = "play" }', '{ at = 25, do = "end" }'))
    assert [(step.at_ms, step.event_type) for step in mine.steps(0)][1:] == [
        (10_000, "play"),
        (20_000, "ping"),
        (25_000, "sessionEnd"),
    ]


def test_a_session_that_is_complete_waits_in_silence() -> None:
    player = newborn()
    player.start()
    player.complete()
    assert player.wait(40 * 60) == ()
    assert player.mode == "complete"
