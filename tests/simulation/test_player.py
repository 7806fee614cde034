"""Player: each event is correct, in order and on time; and wrong where a defect asks for it."""

from __future__ import annotations

from typing import Any

import pytest

from mctoolkit import UsageError
from mctoolkit.simulation import ACTIONS, DEFECTS, PlannedEvent, Player, presets
from tests.simulation.events import NOW_MS, bodies, summary, violated_rules


def new_player(*actions: str, **options: Any) -> Player:
    """Return a player that has done these actions."""
    player = Player(presets.preset("vod", NOW_MS), **options)
    for name in actions:
        player.do(name)
    return player


def types(events: tuple[PlannedEvent, ...]) -> list[str | None]:
    return [event.event_type for event in events]


def full_session(*defects: str) -> list[PlannedEvent]:
    """Play a session with ads, a chapter, a state and a pause to the end of its content."""
    player = new_player(defects=defects)
    events = [*player.do("start"), *player.do("ad break"), *player.do("ad", length=5), *player.wait(5)]
    events += [*player.do("play"), *player.do("chapter", length=20, name="One"), *player.wait(15)]
    events += [*player.do("state", name="mute"), *player.do("pause"), *player.wait(12), *player.do("play")]
    return [*events, *player.wait(60), *player.wait(30), *player.do("end")]


# --- time ------------------------------------------------------------------------------------------------------------


def test_pings_are_due_10_s_after_last_playback_change() -> None:
    player = new_player()
    events = [*player.do("start"), *player.wait(3), *player.do("play"), *player.wait(14)]
    assert summary([*events, *player.do("buffer"), *player.wait(10)]) == [
        (0, "sessionStart", 0), (3, "play", 0), (13, "ping", 10), (17, "bufferStart", 14), (27, "ping", 14),
    ]  # fmt: skip


def test_pings_by_clock_count_from_session_start() -> None:
    player = new_player(pings="clock")
    events = [*player.do("start"), *player.wait(3), *player.do("play"), *player.wait(18)]
    assert [one[0] for one in summary(events) if one[1] == "ping"] == [10, 20]


def test_ad_sends_ping_every_second_and_ends_by_itself() -> None:
    player = new_player()
    assert summary([*player.do("start"), *player.do("ad", length=3), *player.wait(3.5)]) == [
        (0, "sessionStart", 0), (0, "adBreakStart", 0), (0, "adStart", 0), (1, "ping", 0), (2, "ping", 0),
        (3, "adComplete", 0),
    ]  # fmt: skip


@pytest.mark.parametrize("action", ["pause", "buffer", "ad"])
def test_playhead_stops_in_pause_buffering_and_ad(action: str) -> None:
    player = new_player("start", "play")
    player.wait(2)
    player.do(action)
    player.wait(5)
    assert player.playhead_s == 2


def test_paused_ad_lasts_longer() -> None:
    player = new_player("start")
    player.do("ad", length=10)
    player.wait(4)
    player.do("pause")
    player.wait(60)
    assert player.ad_left_s == 6
    player.do("play")
    assert types(player.wait(6))[-2:] == ["ping", "adComplete"]


def test_content_ends_by_itself_and_pings_stop() -> None:
    player = Player({**presets.preset("vod", NOW_MS).value, "params": {"media.length": 12}})
    player.do("start")
    player.do("play")
    assert types(player.wait(60)) == ["ping", "sessionComplete"]
    assert player.playhead_s == 12
    assert types(player.do("end")) == ["sessionEnd"]


def test_live_playhead_restarts_at_midnight_and_never_ends() -> None:
    begin_ms = NOW_MS // 86_400_000 * 86_400_000 + 86_390_000
    player = Player(presets.preset("live", begin_ms))
    player.do("start")
    player.do("play")
    assert [event.body["playerTime"]["playhead"] for event in player.wait(30)] == [0, 10, 20]


def test_sleeping_device_sends_nothing_and_continues() -> None:
    player = new_player("start", "play")
    player.wait(4)
    assert player.do("sleep", seconds=660) == ()
    assert [(event.at_ms, event.body["playerTime"]["playhead"]) for event in player.wait(6)] == [(670_000, 10)]


def test_complete_session_sends_nothing_and_does_not_expire() -> None:
    player = new_player("start", "complete")
    assert player.wait(40 * 60) == ()
    assert player.mode == "complete"


# --- actions ---------------------------------------------------------------------------------------------------------


def test_end_closes_ad_break_and_chapter_first() -> None:
    player = new_player("start", "play")
    player.do("chapter", length=500)
    player.do("ad")
    assert types(player.do("end")) == ["adSkip", "adBreakComplete", "chapterSkip", "sessionEnd"]
    assert player.next_ping_s is None


def test_seek_sends_pause_and_play_and_skips_chapter() -> None:
    player = new_player("start", "play")
    player.do("chapter", length=20)
    player.wait(5)
    assert [(event.event_type, event.body["playerTime"]["playhead"]) for event in player.do("seek", to=40)] == [
        ("pauseStart", 5),
        ("chapterSkip", 40),
        ("play", 40),
    ]
    assert not player.in_chapter
    player.do("pause")
    assert player.do("seek", to=10) == ()
    assert player.playhead_s == 10


def test_play_between_ads_closes_ad_break_first() -> None:
    player = new_player("start")
    player.do("ad", length=1)
    player.wait(1)
    assert types(player.do("play")) == ["adBreakComplete", "play"]


def test_resume_session_reports_open_parts_again() -> None:
    player = new_player("start", "play")
    player.do("state", name="fullScreen")
    player.do("chapter", length=50)
    player.wait(7)
    player.lose_session()
    assert player.wait(60) == ()
    with pytest.raises(UsageError, match="no longer exists on the server"):
        player.do("pause")
    events = player.resume_session()
    assert types(events) == ["sessionStart", "chapterStart", "stateStart", "play"]
    assert events[0].body["params"]["media.resume"] is True
    assert {event.session for event in events} == {"2"}
    assert violated_rules(events) == set()


def test_resume_session_reopens_ad_break_with_its_ad() -> None:
    player = new_player("start", "ad")
    player.lose_session()
    assert types(player.resume_session()) == ["sessionStart", "adBreakStart", "adStart"]


def test_resume_session_without_loss_is_an_error() -> None:
    with pytest.raises(UsageError, match="nothing to resume"):
        new_player("start").resume_session()


def test_overrides_change_one_event_only() -> None:
    player = new_player("start")
    (event,) = player.do("play", ts=5, playhead=-1, params={"x": 1}, qoeData={"media.qoe.bitrate": 9})
    assert event.body == {
        "playerTime": {"playhead": -1, "ts": 5},
        "eventType": "play",
        "params": {"x": 1},
        "qoeData": {"media.qoe.bitrate": 9},
    }
    assert player.do("pause", drop=True) == ()
    assert player.mode == "paused"
    assert player.wait(10)[0].body["playerTime"] == {"playhead": 0, "ts": NOW_MS + 10_000}


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        (["pause"], "No session has been started"),
        (["start", "start"], "already running"),
        (["start", "pause", "pause"], "already paused"),
        (["start", "buffer", "pause"], "is buffering"),
        (["start", "buffer", "buffer"], "is buffering"),
        (["start", "skip"], "nothing to skip"),
        (["start", "ad break end"], "No ad break"),
        (["start", "ad", "play"], "An ad is running"),
        (["start", "end", "play"], "has ended"),
        (["start", "complete", "play"], "to its end"),
    ],
)
def test_impossible_action_says_why(actions: list[str], message: str) -> None:
    player = new_player(*actions[:-1])
    with pytest.raises(UsageError, match=message):
        player.do(actions[-1])


def test_seek_in_ad_break_or_beyond_end_is_an_error() -> None:
    player = new_player("start", "play")
    with pytest.raises(UsageError, match=r"61 is beyond the end: the content has 60.39 seconds"):
        player.do("seek", to=61)
    player.do("ad")
    with pytest.raises(UsageError, match="cannot seek during an ad break"):
        player.do("seek", to=5)


def test_states_are_on_or_off_and_limited_to_ten() -> None:
    player = new_player("start")
    player.do("state", name="fullScreen")
    with pytest.raises(UsageError, match="already on"):
        player.do("state", name="FULLSCREEN")
    with pytest.raises(UsageError, match="cannot be turned off"):
        player.do("state", name="mute", on=False)
    for number in range(9):
        player.do("state", name=f"own{number}")
    with pytest.raises(UsageError, match="only 10"):
        player.do("state", name="mute")


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("plya", {}, "Did you mean 'play'"),
        (["play"], {}, "no action"),
        ("play", {"parms": {}}, "Did you mean 'params'"),
        ("wait", {"params": {}}, "has no value 'params'"),
        ("seek", {}, "needs a value to"),
        ("seek", {"to": "40"}, "must be a number of seconds"),
        ("seek", {"to": -1}, "must be a number of seconds"),
        ("ad", {"position": 1.0}, "must be a whole number"),
        ("state", {"name": ""}, "must be a text"),
        ("state", {"name": "x", "on": 1}, "true or false"),
        ("play", {"params": []}, "must be a table"),
    ],
)
def test_wrong_action_or_value_is_named(name: Any, values: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        new_player("start").do(name, **values)


def test_action_name_ignores_case() -> None:
    assert types(new_player("start").do(" Ad Break ")) == ["adBreakStart"]


def test_every_action_accepts_its_values() -> None:
    samples: dict[str, Any] = {"seconds": 1, "number": 1, "whole": 1, "text": "x", "flag": True, "table": {}}
    for action in ACTIONS.values():
        player = new_player(*([] if action.name == "start" else ["start"]))
        if action.name in ("skip", "ad break end"):
            player.do("ad")
        player.do(action.name, **{name: samples[kind] for name, kind in action.values.items()})


# --- sessionStart ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("playhead", [float("nan"), float("inf"), "5", None, True])
def test_invalid_playhead_of_start_counts_as_zero(playhead: object) -> None:
    assert Player({"playerTime": {"playhead": playhead}}).playhead_s == 0


def test_start_that_is_not_an_object_is_an_error() -> None:
    with pytest.raises(UsageError, match="JSON object"):
        Player([])  # type: ignore[arg-type]


def test_player_copies_start() -> None:
    start = {"playerTime": {"playhead": 0, "ts": 1}, "params": {"visitor.customerIDs": {"crm": {"id": "1"}}}}
    player = Player(start)
    (event,) = player.do("start")
    event.body["params"]["visitor.customerIDs"]["crm"]["id"] = "changed"
    player.do("end")
    for params in (start["params"], player.do("start")[0].body["params"]):
        assert params == {"visitor.customerIDs": {"crm": {"id": "1"}}}


# --- defects ---------------------------------------------------------------------------------------------------------


def test_full_session_without_defect_is_correct() -> None:
    assert violated_rules(full_session()) == set()
    assert {body["eventType"] for _, body in bodies(full_session())} >= {
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
def test_defect_violates_its_rule(defect: str, rule: str) -> None:
    assert rule in violated_rules(full_session(defect))


@pytest.mark.parametrize("defect", [id_ for id_, each in DEFECTS.items() if each.omitted])
def test_defect_omits_its_event_types_only(defect: str) -> None:
    correct, broken = (
        [body["eventType"] for _, body in bodies(events)] for events in (full_session(), full_session(defect))
    )
    assert broken == [event_type for event_type in correct if event_type not in DEFECTS[defect].omitted]
    assert len(broken) < len(correct)


def test_time_defects_change_time_stamps() -> None:
    assert {body["playerTime"]["ts"] for _, body in bodies(full_session("ts-equal"))} == {NOW_MS}
    assert all(body["playerTime"]["ts"] < NOW_MS / 900 for _, body in bodies(full_session("ts-seconds")))


def test_playhead_defects_change_playheads() -> None:
    def playheads(defect: str) -> list[tuple[str, float]]:
        return [(body["eventType"], body["playerTime"]["playhead"]) for _, body in bodies(full_session(defect))]

    assert max(playhead for _, playhead in playheads("playhead-ms")) > 1000
    assert {playhead for _, playhead in playheads("playhead-still")} == {0}
    assert [playhead for event_type, playhead in playheads("playhead-in-ads") if event_type == "adComplete"] == [5]


def test_rare_pings_are_a_minute_apart() -> None:
    player = new_player("start", "play", "pause", defects=["rare-pings"])
    assert [event.at_ms for event in player.wait(200)] == [60_000, 120_000, 180_000]


def test_defects_can_change_during_session() -> None:
    player = new_player("start", "play")
    player.defects.add("no-pings")
    assert player.wait(30) == ()
    player.defects.clear()
    assert len(player.wait(10)) == 1


def test_unknown_defect_suggests_nearest() -> None:
    with pytest.raises(UsageError, match="Did you mean 'no-pings'"):
        new_player(defects=["no-ping"])
    with pytest.raises(UsageError, match="There are: no-pings"):
        new_player(defects=["zzzzzz"])


def test_every_defect_has_label_and_help() -> None:
    for defect in DEFECTS.values():
        assert defect.label
        assert defect.help.endswith(".")
