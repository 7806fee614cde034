"""The event pad without a browser: code, clicks, text version, static view and timer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest

from mctoolkit import Client, ManualClock, NoResponse, Sandbox, SessionForm, UsageError, seeded_ids
from mctoolkit.client.journal import MEMORY, Journal
from mctoolkit.simulation import DEFECTS
from mctoolkit.widgets.event_pad.event_pad import EventPad
from mctoolkit.widgets.event_pad.text_repr import BUTTONS, Row, rows_html
from tests.widgets.conftest import NOW_MS
from tests.widgets.form_page import LONG_S, all_widgets


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW_MS)


@pytest.fixture
def sandbox(clock: ManualClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock, ids=seeded_ids(7)) as running:
        yield running


@pytest.fixture
def pad(sandbox: Sandbox) -> Iterator[EventPad]:
    with EventPad(sandbox) as pad:
        yield pad


def button(pad: EventPad, label: str) -> ipywidgets.Button:
    """Return the one visible button with this label."""
    (found,) = [
        w
        for w in all_widgets(pad.widget)
        if isinstance(w, ipywidgets.Button) and w.description == label and w.layout.display != "none"
    ]
    return found


def sent(pad: EventPad) -> list[tuple[float, str, float, int]]:
    columns = pad.table[["after_s", "event", "playhead_s", "response"]]
    return [tuple(row) for row in columns.round(0).itertuples(index=False)]


def test_wait_sends_pings(pad: EventPad) -> None:
    pad.press("play")
    pad.wait(25)
    pad.press("pause")
    assert sent(pad) == [
        (0, "sessionStart", 0, 201),
        (0, "play", 0, 204),
        (10, "ping", 10, 204),
        (20, "ping", 20, 204),
        (25, "pauseStart", 25, 204),
    ]
    assert pad.mode == "paused"
    assert pad.playhead_s == 25


def test_events_are_sent_at_their_time_stamps(pad: EventPad) -> None:
    pad.press("play")
    pad.wait(30)
    pings = [one for one in pad.exchanges if one.event.type == "ping"]
    assert [one.sent_at_ms - NOW_MS for one in pings] == [10_000, 20_000, 30_000]
    assert [one.event.ts_ms for one in pings] == [one.sent_at_ms for one in pings]


def test_pad_plays_last_session_of_form(sandbox: Sandbox, clock: ManualClock) -> None:
    form = SessionForm(sandbox, clock=clock)
    with pytest.raises(UsageError, match="Click Send in the form"):
        EventPad(form)
    form.set("media.length", 20)
    started = form.send()
    assert started is not None
    form.clear("media.id")
    form.send()
    with EventPad(form, clock=clock) as pad:
        assert pad.session_id == started.session_id
        pad.press("play")
        pad.wait(60)
    assert pad.table["event"].tolist() == ["sessionStart", "play", "ping", "sessionComplete"]


def test_pad_plays_session_of_exchange(sandbox: Sandbox, clock: ManualClock) -> None:
    with SessionPair(sandbox, clock) as (started, rejected, client):
        with pytest.raises(UsageError, match="session"):
            EventPad(rejected, client)
        with pytest.raises(UsageError, match="does not contain its target"):
            EventPad(started)
        with EventPad(started, client, clock=clock) as pad:
            pad.press("play")
            assert pad.response.status == 204
            assert started.session_id in pad.response.request.path


class SessionPair:
    """An accepted sessionStart, a rejected one, and the client of both."""

    def __init__(self, sandbox: Sandbox, clock: ManualClock) -> None:
        self._client = Client(sandbox, clock=clock)

    def __enter__(self) -> tuple[Any, Any, Client]:
        from mctoolkit.simulation import presets

        started = self._client.start_session(presets.preset("vod", NOW_MS))
        return started, self._client.start_session("{}", send_anyway=True), self._client

    def __exit__(self, *_: object) -> None:
        self._client.close()


def test_pad_starts_no_session_on_real_host() -> None:
    with pytest.raises(UsageError, match="is a real host"):
        EventPad("company.hb-api.omtrdc.net")


def test_pad_without_target_starts_and_stops_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "2026")
    before = threading.active_count()
    pad = EventPad()
    pad.press("play")
    assert pad.response.status == 204
    assert not pad.running
    pad.close()
    assert threading.active_count() == before


def test_each_button_sends_its_event(pad: EventPad) -> None:
    for label, event in (
        ("Play", "play"),
        ("Chapter", "chapterStart"),
        ("State", "stateStart"),
        ("Bitrate", "bitrateChange"),
        ("Ad break", "adBreakStart"),
        ("Ad", "adStart"),
        ("Skip", "adSkip"),
        ("End ad break", "play"),
        ("Seek", "play"),
        ("State", "stateEnd"),
        ("Pause", "pauseStart"),
        ("Play", "play"),
        ("Error", "error"),
        ("Buffer", "bufferStart"),
        ("Complete", "sessionComplete"),
        ("End", "sessionEnd"),
    ):
        button(pad, label).click()
        assert pad.response.event.type == event
        assert pad.response.status == 204
    assert pad.table["problems"].sum() == 0


def test_pad_has_all_buttons() -> None:
    assert {name for names in BUTTONS.values() for name in names} == {
        "play", "pause", "buffer", "seek", "ad-break", "ad", "skip", "chapter", "state", "bitrate", "error",
        "complete", "end",
    }  # fmt: skip


def test_field_values_are_parsed(pad: EventPad) -> None:
    button(pad, "Play").click()
    pad._view.fields["seek"].value = "30,5"
    button(pad, "Seek").click()
    assert pad.playhead_s == 30.5
    pad._view.fields["ad"].value = "soon"
    button(pad, "Ad").click()
    assert "Ad length (s): soon is not a number." in pad.text_version()
    assert pad.response.event.type == "play"
    pad._view.fields["wait"].value = "1"
    button(pad, "Advance the clock").click()
    assert pad.playhead_s == 31.5


def test_impossible_action_shows_error_and_sends_nothing(pad: EventPad) -> None:
    button(pad, "Skip").click()
    message = pad._run.message
    assert "skip" in message
    assert message in pad._view.message.value
    assert len(pad.exchanges) == 1
    with pytest.raises(UsageError, match="skip"):
        pad.press("skip")
    pad.press("play")
    assert message not in pad.text_version()


def test_lost_session_continues_with_media_resume(pad: EventPad, sandbox: Sandbox) -> None:
    first = pad.session_id
    pad.press("play")
    pad.wait(15)
    pad.press("state", name="mute")
    sandbox.clock.advance(minutes=11)
    pad.press("pause")
    assert pad.response.status == 410
    assert pad.mode == "lost"
    assert "410" in pad._run.message
    assert pad._run.message in pad.text_version()
    assert "[Continue in a new session]" in pad.text_version()
    with pytest.raises(UsageError):
        pad.press("play")
    button(pad, "Continue in a new session").click()
    assert pad.session_id != first
    resumed = pad.exchanges[-3]
    assert resumed.event.params["media.resume"] is True
    assert resumed.event.playhead_s == 15
    assert [one.event.type for one in pad.exchanges[-2:]] == ["stateStart", "pauseStart"]
    assert pad.session_id in pad.response.request.path


def test_clock_jump_sends_no_missed_pings(pad: EventPad, sandbox: Sandbox) -> None:
    pad.press("play")
    sandbox.clock.advance(minutes=5)
    pad.press("pause")
    assert pad.table["event"].tolist() == ["sessionStart", "play", "pauseStart"]
    assert pad.playhead_s == 0


def test_session_expires_after_30_minutes_without_progress(pad: EventPad) -> None:
    pad.press("play")
    pad.wait(5)
    pad.press("pause")
    pad.wait(31 * 60)
    assert pad.response.status == 204  # the last ping was sent before the session expired
    assert pad.mode == "expired"
    assert "30 minutes" in pad._run.message
    assert pad._run.message in pad.text_version()
    assert "[Continue in a new session]" in pad.text_version()
    pad.press("play")
    assert pad.table["event"].tolist()[-2:] == ["sessionStart", "play"]
    assert pad.exchanges[-2].event.params["media.resume"] is True


def test_new_session_after_the_end(pad: EventPad) -> None:
    first = pad.session_id
    pad.press("play")
    pad.press("end")
    pad.wait(60)
    assert pad.response.event.type == "sessionEnd"
    button(pad, "Start a new session").click()
    assert pad.session_id != first
    assert "media.resume" not in pad.response.event.params
    assert pad.playhead_s == 0


def test_no_response_is_shown_in_the_pad(pad: EventPad, sandbox: Sandbox) -> None:
    pad.press("play")
    sandbox.stop()
    pad.press("pause")
    assert pad.response.status is None
    assert pad._run.message
    assert pad._run.message in pad.text_version()
    assert "none connection refused" in pad.text_version()
    with pytest.raises(NoResponse):
        EventPad(sandbox)


def test_rejected_event_keeps_the_session(pad: EventPad) -> None:
    pad.press("play", qoeData={"media.qoe.bitrate": "x"})
    message = pad._run.message
    assert "400" in message
    assert message in pad.text_version()
    pad.press("pause")
    assert pad.response.status == 204
    assert message not in pad.text_version()


def test_defects_are_added_and_removed(pad: EventPad) -> None:
    pad.press("play")
    pad._view.defects.widget.value = "no-pings"
    assert pad.defects == ("no-pings",)
    assert "Deliberate defects: No pings." in pad.text_version()
    pad.wait(30)
    assert "ping" not in pad.table["event"].tolist()
    button(pad, "Remove defects").click()
    assert not pad.defects
    pad.wait(10)
    assert pad.response.event.type == "ping"
    with pytest.raises(UsageError, match="Did you mean 'no-pings'"):
        pad.add_defect("no-ping")
    assert [value for _, value in pad._view.defects.widget.options] == ["", *DEFECTS]


def test_text_version_of_the_pad(pad: EventPad) -> None:
    pad.press("play")
    pad.press("state", name="mute")
    pad.press("ad", length=15)
    pad.wait(4)
    assert pad.text_version().split("\n") == [
        "Play the session -> sandbox",
        "Playing: Playhead 0:00 (0 s). 0:04 since the start. Next ping in 1 s. Clock stopped.",
        "Open: ad break, ad, 11 s left, mute is on.",
        "No deliberate defects.",
        "Playback: [Play] [Pause] [Buffer] [Seek]",
        "Ads: [End ad break] [Ad] [Skip]",
        "Chapters and states: [Chapter] [State]",
        "Quality: [Bitrate] [Error]",
        "End: [Complete] [End]",
        "Events sent: 9",
        "  1 0:00 sessionStart, playhead 0: 201 session started",
        "  2 0:00 play, playhead 0: 204 event accepted",
        "  3 0:00 stateStart, playhead 0: 204 event accepted",
        "  4 0:00 adBreakStart, playhead 0: 204 event accepted",
        "  5 0:00 adStart, playhead 0: 204 event accepted",
        *(f"  {5 + n} 0:0{n} ping, playhead 0: 204 event accepted" for n in range(1, 5)),
    ]
    assert repr(pad) == pad.text_version()


def test_static_view_hides_identifiers(pad: EventPad) -> None:
    pad.press("play")
    static_html = pad.static_html()
    for text in ("Play the session", "sessionStart", "204 event accepted", "run the cells", "mct-static-note"):
        assert text in static_html
    assert pad.session_id not in static_html
    assert pad.session_id not in pad.text_version()
    bundle = pad._repr_mimebundle_()
    assert bundle["text/plain"] == pad.text_version()
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_table_shows_at_most_200_rows() -> None:
    rows = [Row(n, n * 1000, f"<b>{n}", n, "204") for n in range(1, 1001)]
    html = rows_html(rows)
    assert html.count("<tr>") == 201
    assert "&lt;b&gt;1000" in html
    assert html.index("&lt;b&gt;1000") < html.index("&lt;b&gt;801")
    assert "&lt;b&gt;800" not in html
    assert "Events sent: 1000 (the newest 200 are shown)" in html


def test_pad_adds_exchanges_to_journal(sandbox: Sandbox) -> None:
    journal = Journal(MEMORY)
    with EventPad(sandbox, journal=journal) as pad:
        pad.press("play")
    assert journal.count() == 2


# --- running clock --------------------------------------------------------------------------------------------------


def test_running_clock_sends_pings_until_stopped(pad: EventPad, sandbox: Sandbox) -> None:
    pad.press("play")
    pad._timer._tick = lambda: None  # the test ticks instead of the thread
    pad.run()
    pad._timer._thread = threading.main_thread()
    pad._timer._stopped.clear()
    assert pad.running
    sandbox.clock.advance(seconds=10)
    pad._tick()
    assert pad.response.event.type == "ping"
    assert pad.response.event.playhead_s == 10


def test_timer_thread_ends_with_the_pad(sandbox: Sandbox, clock: ManualClock) -> None:
    ping_sent = threading.Event()

    class PingClient(Client):
        def send_event(self, session: Any, event: Any, **options: Any) -> Any:
            if event["eventType"] == "ping":
                ping_sent.set()
            return super().send_event(session, event, **options)

    def threads() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "mctoolkit-timer"]

    client = PingClient(sandbox, clock=clock)
    pad = EventPad(client, clock=clock, running=True)
    assert len(threads()) == 1
    pad.press("play")
    clock.advance(seconds=10)
    assert ping_sent.wait(LONG_S)
    pad.run()
    assert len(threads()) == 1
    pad.stop()
    assert threads() == []
    assert not pad.running
    pad.run()
    pad.close()
    assert threads() == []
    with pytest.raises(UsageError, match="is closed"):
        pad.press("pause")
    with pytest.raises(UsageError, match="is closed"):
        pad.run()
    pad.close()


def test_timer_ends_with_the_session(sandbox: Sandbox, clock: ManualClock) -> None:
    with EventPad(Client(sandbox, clock=clock), clock=clock, running=True) as pad:
        pad.press("play")
        pad.press("end")
        thread = pad._timer._thread
        assert thread is not None
        thread.join(LONG_S)
        assert not thread.is_alive()
        assert not pad.running


def test_error_in_timer_is_shown_and_stops_it(sandbox: Sandbox, clock: ManualClock) -> None:
    client = Client(sandbox, clock=clock)
    with EventPad(client, clock=clock) as pad:
        pad.press("play")
        client.close()
        pad._timer.start()
        clock.advance(seconds=10)
        thread = pad._timer._thread
        assert thread is not None
        thread.join(LONG_S)
        assert not pad.running
        assert "closed" in pad._run.message
        assert pad._run.message in pad.text_version()


def test_clock_stops_without_response(sandbox: Sandbox, clock: ManualClock) -> None:
    with EventPad(Client(sandbox, clock=clock), clock=clock, running=True) as pad:
        sandbox.stop()
        pad.press("play")
        assert not pad.running
        assert "connection refused" in pad._run.message
        assert pad._run.message in pad.text_version()


def test_clock_runs_by_default_unless_manual(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    from mctoolkit._core.clocks import SystemClock

    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "")
    with EventPad(sandbox) as still:
        assert not still.running
    with EventPad(Client(sandbox), clock=SystemClock()) as real:
        assert real.running
        with pytest.raises(UsageError, match="clock"):
            real.wait(10)
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "2026")
    with EventPad(Client(sandbox), clock=SystemClock()) as seeded:
        assert not seeded.running
