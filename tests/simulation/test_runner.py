"""simulate and InteractiveRun, against a sandbox and against a scripted client that fails."""

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
from mctoolkit.simulation import Player, presets, scenario
from mctoolkit.simulation.runner import InteractiveRun, Progress, Run, simulate
from mctoolkit.simulation.runner.scenario_run import _Pace

NOW_MS = 1_795_421_642_000


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=ManualClock(NOW_MS), ids=seeded_ids(7)) as running:
        yield running


class FixedClock:
    """A clock that cannot be moved, like that of a real host."""

    def now_ms(self) -> int:
        return NOW_MS

    def monotonic_ms(self) -> float:
        return 0.0


class ScriptedClient:
    """A client with given responses: statuses, or "no response"; 201 or 204 when there are no more."""

    def __init__(self, *responses: int | str) -> None:
        self.target = Client("company.hb-api.omtrdc.net").target
        self.sent: list[tuple[str, Any]] = []
        self._responses = list(responses)

    def start_session(self, event: Any, **_: Any) -> Exchange:
        return self._respond("/api/v1/sessions", event, 201)

    def send_event(self, session_id: str, event: Any, **_: Any) -> Exchange:
        return self._respond(f"/api/v1/sessions/{session_id}/events", event, 204)

    def _respond(self, path: str, event: Any, usual: int) -> Exchange:
        self.sent.append((path, event))
        status = self._responses.pop(0) if self._responses else usual
        request = Request("POST", f"https://company.hb-api.omtrdc.net{path}", (), b"{}")
        endpoint = "sessions" if usual == 201 else "events"
        if isinstance(status, str):
            failure = Failure("response-timeout", after_s=1)
            raise NoResponse("x", Exchange("x", request, None, failure, NOW_MS, 1.0, endpoint=endpoint))
        headers = (("Location", f"/api/v1/sessions/s{len(self.sent)}"),) if status == 201 else ()
        return Exchange("x", request, Response(status, "", headers, b""), None, NOW_MS, 1.0, endpoint=endpoint)


# --- against a sandbox -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", simulation.known())
def test_every_scenario_is_accepted(sandbox: Sandbox, name: str) -> None:
    run = simulate(name, sandbox)
    assert run.ok
    assert run.outcome == "done"
    assert len(run.exchanges) == run.total == len(scenario(name).events(NOW_MS))
    assert {exchange.status for exchange in run.exchanges} <= {201, 204}


def test_sandbox_clock_moves_with_time_stamps(sandbox: Sandbox) -> None:
    run = simulate("timeline-1", sandbox)
    assert sandbox.clock.now_ms() == NOW_MS + 88_000
    assert [exchange.sent_at_ms for exchange in run.exchanges] == [exchange.event.ts_ms for exchange in run.exchanges]


def test_session_expires_as_in_real_time(sandbox: Sandbox, tmp_path: Path) -> None:
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
    kept_going = simulate(path, sandbox, keep_going=True)
    assert kept_going.outcome == "done"
    assert not kept_going.ok
    assert [exchange.status for exchange in kept_going.exchanges] == [201, 204, 410, 410]
    assert "2 were refused" in kept_going.message


def test_each_session_uses_its_own_id(sandbox: Sandbox) -> None:
    run = simulate("hand-over", sandbox)
    first, second = run.session_ids
    assert first != second
    assert list(run.sessions) == ["television", "phone"]
    paths = [exchange.request.path for exchange in run.exchanges]
    assert sum(first in path for path in paths) == 6
    assert sum(second in path for path in paths) == 10


def test_table_has_one_row_per_request(sandbox: Sandbox) -> None:
    table = simulate("timeline-2", sandbox).table
    assert len(table) == 29
    assert table.iloc[-1][["after_s", "event", "playhead_s", "response"]].tolist() == [48.002, "sessionEnd", 28.0, 204]
    assert table["session_id"].nunique() == 1
    assert table["problems"].sum() == 0


def test_defects_are_applied(sandbox: Sandbox) -> None:
    run = simulate("timeline-1", sandbox, defects=["pings-after-end", "no-pings"])
    assert "ping" not in run.table["event"].tolist()


def test_events_of_a_player_are_sent(sandbox: Sandbox) -> None:
    player = Player(start_ms=NOW_MS)
    run = simulate([*player.do("start"), *player.do("play"), *player.do("end")], sandbox)
    assert run.ok
    assert len(run.exchanges) == 3


def test_journal_keeps_each_exchange(sandbox: Sandbox) -> None:
    journal = Journal(MEMORY)
    simulate("timeline-2", sandbox, journal=journal)
    assert journal.count() == 29


def test_scenario_with_errors_is_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('steps = [ { at = 0, do = "strat" } ]', encoding="utf-8")
    client = ScriptedClient()
    with pytest.raises(InputError, match="line 1"):
        simulate(path, client)
    assert client.sent == []


def test_two_runs_have_different_sessions(sandbox: Sandbox) -> None:
    assert simulate("timeline-2", sandbox).session_ids != simulate("timeline-2", sandbox).session_ids


# --- failures --------------------------------------------------------------------------------------------------------


def test_refused_session_stops() -> None:
    client = ScriptedClient(400)
    run = simulate("timeline-1", client)
    assert run.outcome == "no-session"
    assert len(client.sent) == 1
    assert "no session was started" in run.message


def test_refused_session_with_keep_going_counts_unsent_events() -> None:
    client = ScriptedClient(400)
    run = simulate("hand-over", client, keep_going=True)
    assert [path for path, _ in client.sent if path.endswith("/sessions")] == ["/api/v1/sessions"] * 2
    assert run.unsent == 6
    assert "6 were not sent because their session was not started." in run.message
    assert list(run.sessions) == ["phone"]
    assert not run.ok


def test_refused_event_is_dropped_and_rest_is_sent() -> None:
    client = ScriptedClient(201, 400)
    run = simulate("timeline-2", client)
    assert run.outcome == "done"
    assert run.refused == 1
    assert len(client.sent) == 29


@pytest.mark.parametrize("status", [404, 410])
def test_lost_session_stops(status: int) -> None:
    client = ScriptedClient(201, 204, status)
    run = simulate("timeline-1", client)
    assert run.outcome == "session-lost"
    assert len(client.sent) == 3


def test_missing_response_stops_and_nothing_is_sent_twice() -> None:
    client = ScriptedClient(201, "no response")
    run = simulate("timeline-1", client)
    assert run.outcome == "no-response"
    assert [exchange.status for exchange in run.exchanges] == [201, None]
    assert len(client.sent) == 2
    kept_going = simulate("timeline-1", ScriptedClient(201, "no response"), keep_going=True)
    assert len(kept_going.exchanges) == 50


# --- speed, progress, cancellation -----------------------------------------------------------------------------------


def record_waits(monkeypatch: pytest.MonkeyPatch, speed: float | None) -> list[float]:
    """Return how long a run would wait before each event."""
    waits: list[float] = []

    class FakeSystemClock:
        def monotonic_ms(self) -> float:
            return sum(waits) * 1000

    def sleep(_: _Pace, seconds: float) -> bool:
        waits.append(round(seconds, 6))
        return True

    with monkeypatch.context() as patch:
        patch.setattr("mctoolkit._core.clocks.SystemClock", FakeSystemClock)
        patch.setattr(_Pace, "_sleep", sleep)
        simulate("timeline-2", ScriptedClient(), speed=speed, clock=ManualClock(NOW_MS))
    return waits


@pytest.mark.parametrize(("speed", "total_s"), [(1, 48.002), (10, 4.8002), (None, 0)])
def test_speed_divides_waiting_time(speed: float | None, total_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sum(record_waits(monkeypatch, speed)) == pytest.approx(total_s)


@pytest.mark.parametrize(("speed", "earlier_ms"), [(1, 0), (10, 43_202), (None, 48_002)])
def test_time_stamps_for_real_host_are_not_in_the_future(
    speed: float | None, earlier_ms: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Pace, "_sleep", lambda *_: True)
    client = ScriptedClient()
    simulate("timeline-2", client, speed=speed, clock=FixedClock())
    stamps = [event["playerTime"]["ts"] for _, event in client.sent]
    assert (stamps[0], stamps[-1]) == (NOW_MS - earlier_ms, NOW_MS - earlier_ms + 48_002)


def test_cancel_ends_a_long_wait(sandbox: Sandbox) -> None:
    token = CancelToken()
    token.cancel()
    pace = _Pace(sandbox.clock, 1, token, can_move_clock=False)
    assert pace.wait_for(1_000_000) is False


def test_progress_is_reported_after_each_event(sandbox: Sandbox) -> None:
    reported: list[Progress] = []
    simulate("timeline-2", sandbox, on_progress=reported.append)
    assert [progress.done for progress in reported] == list(range(1, 30))
    assert {progress.total for progress in reported} == {29}
    assert str(reported[2]) == "3/29  0:00  adStart: 204 event accepted"


def test_cancel_from_callback_stops(sandbox: Sandbox) -> None:
    token = CancelToken()

    def cancel_at_five(progress: Progress) -> None:
        if progress.done == 5:
            token.cancel()

    run = simulate("timeline-1", sandbox, on_progress=cancel_at_five, cancel=token)
    assert run.outcome == "cancelled"
    assert len(run.exchanges) == 5
    assert "Cancelled. 5 of 50" in run.message
    assert simulate("timeline-1", sandbox, cancel=token).exchanges == []


def test_interrupt_keeps_what_was_sent(sandbox: Sandbox) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.done == 3:
            raise KeyboardInterrupt

    run = simulate("timeline-1", sandbox, on_progress=interrupt)
    assert run.outcome == "cancelled"
    assert len(run.exchanges) == 3


@pytest.mark.parametrize("speed", [0, -1, True, "10", float("nan"), 1e9])
def test_invalid_speed_is_an_error(speed: Any) -> None:
    with pytest.raises(UsageError, match="speed is"):
        simulate("timeline-1", ScriptedClient(), speed=speed)


# --- representation --------------------------------------------------------------------------------------------------


def test_run_shows_outcome_and_hides_session_id(sandbox: Sandbox) -> None:
    run = simulate("timeline-2", sandbox)
    assert repr(run) == "timeline-2 -> sandbox\nFinished. 29 of 29 requests sent. All were accepted."
    html = run._repr_html_()
    assert html.count("<tr>") == 30
    assert "adSkip" in html
    assert run.session_ids[0] not in html


def test_long_run_shows_newest_rows(sandbox: Sandbox) -> None:
    run = simulate("resume", sandbox)
    run.exchanges += run.exchanges[:10]
    html = run._repr_html_()
    assert html.count("<tr>") == 201
    assert "(the newest 200 are shown)" in html


def test_run_escapes_title_and_hides_tenant() -> None:
    run = Run("<b>", Client("acme.hb-api.omtrdc.net").target.shown, 0)
    assert "<b>" not in run._repr_html_()
    assert "acme" not in run._repr_html_() + repr(run)


# --- InteractiveRun --------------------------------------------------------------------------------------------------


def interactive_run(client: Any, clock: Any) -> InteractiveRun:
    return InteractiveRun(client, client.start_session(presets.preset("vod", NOW_MS)), clock)


def test_interactive_run_sleeps_through_long_gap(sandbox: Sandbox) -> None:
    with Client(sandbox, clock=sandbox.clock) as client:
        run = interactive_run(client, sandbox.clock)
        run.do("play")
        sandbox.clock.advance(seconds=15)
        run.sync_to_clock(running=True)
        assert [exchange.event.type for _, exchange in run.sent] == ["sessionStart", "play", "ping"]
        sandbox.clock.advance(seconds=16)
        run.sync_to_clock(running=True)
        assert len(run.sent) == 3


def test_interactive_run_reports_each_failure() -> None:
    run = interactive_run(client := ScriptedClient(201, 400, "no response", 410, 201), FixedClock())
    run.do("play")
    assert run.message.startswith("play was refused: 400")
    run.do("pause")
    assert run.message.startswith("No response: ")
    assert run.has_no_response
    run.do("play")
    assert run.message.startswith("The session no longer exists on the server (410).")
    assert not run.has_no_response
    run.resume()
    assert run.session_id == "s5"
    assert [path for path, _ in client.sent][-1] == "/api/v1/sessions/s5/events"


def test_interactive_run_needs_a_started_session() -> None:
    client = ScriptedClient(400)
    with pytest.raises(UsageError, match="did not start a session"):
        interactive_run(client, FixedClock())


def test_interactive_run_cannot_move_system_clock() -> None:
    run = interactive_run(ScriptedClient(), FixedClock())
    with pytest.raises(UsageError, match="cannot be moved"):
        run.wait(10)


# --- command line ----------------------------------------------------------------------------------------------------


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mctoolkit", "simulate", *arguments], capture_output=True, text=True, timeout=60
    )


def test_command_without_name_lists_scenarios() -> None:
    done = run_command()
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(simulation.known())


def test_command_prints_each_response() -> None:
    done = run_command("timeline-2")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 30
    assert lines[0] == "1/29  0:00  sessionStart: 201 session started"
    assert lines[-1] == "Finished. 29 of 29 requests sent. All were accepted."


def test_command_exits_with_1_if_not_all_accepted(tmp_path: Path) -> None:
    path = tmp_path / "late.toml"
    path.write_text(
        'defects = ["no-pings"]\nsteps = [ { at = 0, do = "start" }, { at = "11:00", do = "play" } ]', encoding="utf-8"
    )
    done = run_command(str(path))
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
def test_command_with_wrong_argument_prints_message(arguments: tuple[str, ...], message: str) -> None:
    done = run_command(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
