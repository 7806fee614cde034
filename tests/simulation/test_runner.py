"""Scenarios against a running sandbox, and against a client that misbehaves as servers and networks do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mctoolkit import Client, InputError, ManualClock, NoResponse, Sandbox, UsageError, seeded_ids, simulation
from mctoolkit.client.client import CancelToken
from mctoolkit.client.journal import MEMORY, Journal
from mctoolkit.models.exchange import Exchange, Failure, Request, Response
from mctoolkit.simulation import Player, scenario
from mctoolkit.simulation.runner import Progress, Run, simulate
from mctoolkit.simulation.runner.scenario_run import _Pace

NOW_MS = 1_795_421_642_000


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=ManualClock(NOW_MS), ids=seeded_ids(7)) as running:
        yield running


class Script:
    """A client that responses as it is told: a status for each request in turn, 201 or 204 when told no more."""

    def __init__(self, *statuses: int | str) -> None:
        self.target = Client("company.hb-api.omtrdc.net").target
        self.sent: list[tuple[str, Any]] = []
        self._statuses = list(statuses)

    def start_session(self, event: Any, **_: Any) -> Exchange:
        return self._response("/api/v1/sessions", event, 201)

    def send_event(self, session_id: str, event: Any, **_: Any) -> Exchange:
        return self._response(f"/api/v1/sessions/{session_id}/events", event, 204)

    def _response(self, path: str, event: Any, usual: int) -> Exchange:
        self.sent.append((path, event))
        status = self._statuses.pop(0) if self._statuses else usual
        request = Request("POST", f"https://company.hb-api.omtrdc.net{path}", (), b"{}")
        endpoint = "sessions" if usual == 201 else "events"
        if isinstance(status, str):
            failure = Failure("answer-timeout", after_s=1)
            raise NoResponse("x", Exchange("x", request, None, failure, NOW_MS, 1.0, endpoint=endpoint))
        headers = (("Location", f"/api/v1/sessions/s{len(self.sent)}"),) if status == 201 else ()
        return Exchange("x", request, Response(status, "", headers, b""), None, NOW_MS, 1.0, endpoint=endpoint)


# --- against a sandbox -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", simulation.known())
def test_every_scenario_is_taken_whole(sandbox: Sandbox, name: str) -> None:
    run = simulate(name, sandbox)
    assert run.ok
    assert run.outcome == "done"
    assert len(run.exchanges) == run.total == len(scenario(name).steps(NOW_MS))
    assert {exchange.status for exchange in run.exchanges} <= {201, 204}


def test_the_clock_of_the_sandbox_moves_along_and_the_time_stamps_with_it(sandbox: Sandbox) -> None:
    run = simulate("timeline-1", sandbox)
    assert sandbox.clock.now_ms() == NOW_MS + 88_000
    assert [exchange.sent_at_ms for exchange in run.exchanges] == [exchange.event.ts_ms for exchange in run.exchanges]


def test_a_session_runs_out_as_it_would_in_real_time(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "quiet.toml"
    path.write_text(
        'defects = ["no-pings"]\nsteps = [ { at = 0, do = "start" }, { at = 0, do = "pause" },'
        ' { at = "12:00", do = "play" }, { at = "12:30", do = "end" } ]\n',
        encoding="utf-8",
    )
    run = simulate(path, sandbox)
    assert run.outcome == "session-lost"
    assert [exchange.status for exchange in run.exchanges] == [201, 204, 410]
    assert "media.resume" in run.message
    on = simulate(path, sandbox, go_on=True)
    assert on.outcome == "done"
    assert not on.ok
    assert [exchange.status for exchange in on.exchanges] == [201, 204, 410, 410]
    assert "2 were not taken" in on.message


def test_a_viewing_over_two_sessions_uses_the_id_of_each(sandbox: Sandbox) -> None:
    run = simulate("hand-over", sandbox)
    first, second = run.session_ids
    assert first != second
    assert list(run.sessions) == ["television", "phone"]
    paths = [exchange.request.path for exchange in run.exchanges]
    assert sum(first in path for path in paths) == 6
    assert sum(second in path for path in paths) == 10


def test_the_table_has_a_row_for_each(sandbox: Sandbox) -> None:
    table = simulate("timeline-2", sandbox).table
    assert table.columns.tolist() == [
        "after_s", "event", "playhead_s", "response", "meaning", "problems", "session_id"
    ]  # fmt: skip
    assert len(table) == 29
    assert table.iloc[-1][["after_s", "event", "playhead_s", "response"]].tolist() == [48.002, "sessionEnd", 28.0, 204]
    assert table["session_id"].nunique() == 1
    assert table["problems"].sum() == 0


def test_a_defect_is_played(sandbox: Sandbox) -> None:
    run = simulate("timeline-1", sandbox, defects=["pings-after-end", "no-pings"])
    assert "ping" not in run.table["event"].tolist()


def test_steps_of_ones_own_are_played(sandbox: Sandbox) -> None:
    player = Player(start_ms=NOW_MS)
    run = simulate([*player.start(), *player.play(), *player.end()], sandbox)
    assert run.ok
    assert len(run.exchanges) == 3


def test_each_exchange_is_journaled(sandbox: Sandbox) -> None:
    journal = Journal(MEMORY)
    simulate("timeline-2", sandbox, journal=journal)
    assert journal.count() == 29


def test_a_file_with_slips_is_not_played_at_all(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "slip.toml"
    path.write_text('steps = [ { at = 0, do = "strat" } ]', encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        simulate(path, sandbox)


def test_two_runs_are_told_apart(sandbox: Sandbox) -> None:
    assert simulate("timeline-2", sandbox).session_ids != simulate("timeline-2", sandbox).session_ids


# --- against a real host ---------------------------------------------------------------------------------------------


def test_towards_a_clock_that_cannot_be_moved_no_time_stamp_lies_in_the_future() -> None:
    class Still:
        def now_ms(self) -> int:
            return NOW_MS

        def monotonic_ms(self) -> float:
            return 0.0

    client = Script()
    run = simulate("timeline-2", client, clock=Still())
    assert run.outcome == "done"
    stamps = [body["playerTime"]["ts"] for _, body in client.sent]
    assert stamps[-1] == NOW_MS
    assert stamps[0] == NOW_MS - 48_002


def test_a_refused_session_stops_and_nothing_is_sent_for_it() -> None:
    client = Script(400)
    run = simulate("timeline-1", client)
    assert run.outcome == "no-session"
    assert len(client.sent) == 1
    assert "nowhere to send" in run.message


def test_a_refused_session_with_go_on_counts_what_could_not_be_sent() -> None:
    client = Script(400)
    run = simulate("hand-over", client, go_on=True)
    assert [path for path, _ in client.sent if path.endswith("/sessions")] == ["/api/v1/sessions"] * 2
    assert run.unsent == 6
    assert list(run.sessions) == ["phone"]
    assert not run.ok


def test_a_refused_event_is_dropped_and_the_rest_is_sent() -> None:
    client = Script(201, 400)
    run = simulate("timeline-2", client)
    assert run.outcome == "done"
    assert run.refused == 1
    assert len(client.sent) == 29


@pytest.mark.parametrize("status", [404, 410])
def test_a_session_that_is_gone_stops(status: int) -> None:
    client = Script(201, 204, status)
    run = simulate("timeline-1", client)
    assert run.outcome == "session-lost"
    assert len(client.sent) == 3


def test_no_response_stops_and_is_kept_and_nothing_is_sent_twice() -> None:
    client = Script(201, "silence")
    run = simulate("timeline-1", client)
    assert run.outcome == "no-answer"
    assert [exchange.status for exchange in run.exchanges] == [201, None]
    assert len(client.sent) == 2
    on = simulate("timeline-1", Script(201, "silence"), go_on=True)
    assert len(on.exchanges) == 50


# --- pace, progress, cancel ------------------------------------------------------------------------------------------


def waits(monkeypatch: pytest.MonkeyPatch, speed: float | None) -> list[float]:
    """Return for how long a run would have waited before each step, by a watch that it moves itself."""
    waited: list[float] = []

    class Watch:
        def monotonic_ms(self) -> float:
            return sum(waited) * 1000

    def sleep(_: _Pace, seconds: float) -> bool:
        waited.append(round(seconds, 6))
        return True

    monkeypatch.setattr("mctoolkit._core.clocks.SystemClock", Watch)
    monkeypatch.setattr(_Pace, "_sleep", sleep)
    simulate("timeline-2", Script(), speed=speed, clock=ManualClock(NOW_MS))
    return waited


def test_real_time_takes_as_long_as_the_scenario_and_ten_times_as_fast_a_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sum(waits(monkeypatch, 1)) == pytest.approx(48.002)
    monkeypatch.undo()
    assert sum(waits(monkeypatch, 10)) == pytest.approx(4.8002)
    monkeypatch.undo()
    assert waits(monkeypatch, None) == []


@pytest.mark.parametrize(("speed", "earlier_ms"), [(1, 0), (10, 43_202), (None, 48_002)])
def test_no_time_stamp_for_a_real_host_lies_in_the_future(
    speed: float | None, earlier_ms: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fixed:  # a real host has a clock that nobody moves
        def now_ms(self) -> int:
            return NOW_MS

        def monotonic_ms(self) -> float:
            return 0.0

    monkeypatch.setattr(_Pace, "_sleep", lambda *_: True)
    client = Script()
    simulate("timeline-2", client, speed=speed, clock=Fixed())
    stamps = [event["playerTime"]["ts"] for _, event in client.sent]
    assert (stamps[0], stamps[-1]) == (NOW_MS - earlier_ms, NOW_MS - earlier_ms + 48_002)


def test_it_really_waits(sandbox: Sandbox) -> None:
    token = CancelToken()
    token.cancel()
    pace = _Pace(sandbox.clock, 1, token, moves=False)
    assert pace.wait_for(1_000_000) is False  # a wait of a quarter of an hour that ends at once


def test_progress_is_told_after_each_step(sandbox: Sandbox) -> None:
    told: list[Progress] = []
    simulate("timeline-2", sandbox, on_step=told.append)
    assert [one.done for one in told] == list(range(1, 30))
    assert {one.total for one in told} == {29}
    assert str(told[2]) == "3/29  0:00  adStart: 204 event accepted"


def test_it_can_be_cancelled_from_another_place(sandbox: Sandbox) -> None:
    token = CancelToken()

    def stop(progress: Progress) -> None:
        if progress.done == 5:
            token.cancel()

    run = simulate("timeline-1", sandbox, on_step=stop, cancel=token)
    assert run.outcome == "cancelled"
    assert len(run.exchanges) == 5
    assert "Stopped before its end. 5 of 50" in run.message
    assert simulate("timeline-1", sandbox, cancel=token).exchanges == []


def test_an_interrupt_leaves_what_was_sent(sandbox: Sandbox) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.done == 3:
            raise KeyboardInterrupt

    run = simulate("timeline-1", sandbox, on_step=interrupt)
    assert run.outcome == "cancelled"
    assert len(run.exchanges) == 3


@pytest.mark.parametrize("speed", [0, -1, True, "10", float("nan"), 1e9])
def test_a_speed_is_a_number_above_zero(speed: Any) -> None:
    with pytest.raises(UsageError, match="speed is"):
        simulate("timeline-1", Script(), speed=speed)


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_a_run_says_what_came_of_it(sandbox: Sandbox) -> None:
    run = simulate("timeline-2", sandbox)
    assert repr(run) == ("timeline-2 -> sandbox\nPlayed to its end. 29 of 29 requests sent. All of them were taken.")
    html = run._repr_html_()
    assert html.count("<tr>") == 30
    assert "adSkip" in html
    assert run.session_ids[0] not in html


def test_a_long_run_shows_the_newest_rows_only(sandbox: Sandbox) -> None:
    run = simulate("resume", sandbox)
    run.exchanges += run.exchanges[:10]
    html = run._repr_html_()
    assert html.count("<tr>") == 201
    assert "(the newest 200 are shown)" in html


def test_what_is_shown_is_escaped_and_hides_the_tenant() -> None:
    run = Run("<b>", Client("acme.hb-api.omtrdc.net").target.shown, 0)
    assert "<b>" not in run._repr_html_()
    assert "acme" not in run._repr_html_() + repr(run)


# --- from a shell ----------------------------------------------------------------------------------------------------


def shell(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mctoolkit", "simulate", *arguments], capture_output=True, text=True, timeout=60
    )


def test_the_verb_lists_the_scenarios() -> None:
    done = shell()
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(simulation.known())


def test_the_verb_plays_and_prints_each_response() -> None:
    done = shell("timeline-2")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 30
    assert lines[0] == "1/29  0:00  sessionStart: 201 session started"
    assert lines[-1] == "Played to its end. 29 of 29 requests sent. All of them were taken."


def test_the_verb_ends_with_1_when_not_all_was_taken(tmp_path: Path) -> None:
    path = tmp_path / "late.toml"
    path.write_text(
        'defects = ["no-pings"]\nsteps = [ { at = 0, do = "start" }, { at = "11:00", do = "play" } ]', encoding="utf-8"
    )
    done = shell(str(path))
    assert done.returncode == 1
    assert "410 session closed" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("timeline-9",), "There is no scenario 'timeline-9'"),
        (("timeline-1", "--defect", "no-ping"), "Did you mean 'no-pings'"),
        (("timeline-1", "--speed", "0"), "speed is 0.0"),
        (("timeline-1", "--to", "http://"), "address"),
    ],
)
def test_a_slip_on_the_command_line_is_a_sentence(arguments: tuple[str, ...], message: str) -> None:
    done = shell(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
