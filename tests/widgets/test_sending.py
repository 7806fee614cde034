"""A request that takes its time: the form stays free, counts, cancels, offers to send again, and tells a voice twice."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import mctoolkit.client.client
from mctoolkit import InputError, ManualClock, Sandbox, SessionForm, UsageError, validation
from mctoolkit.client.journal import Journal, rows
from mctoolkit.widgets.form import session_form
from mctoolkit.widgets.form.send_task import SendTask
from tests.rawserver import Connection, RawServer, Step, silence
from tests.widgets.test_session_form import NOW_MS, press, send_of, until_shown

LONG_S = 10
CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nLocation: /api/v1/sessions/7f3a\r\n\r\n"


class Held:
    """A server that tells when a request has come, and answers when it is told to."""

    def __init__(self, *response: Step) -> None:
        self.asked, self.go = threading.Event(), threading.Event()
        self._response = response or (CREATED,)

    @contextmanager
    def form(self, **others: Any) -> Iterator[tuple[SessionForm, RawServer]]:
        with RawServer(lambda _: self.asked.set(), self._hold, *self._response) as server:
            try:
                yield SessionForm(server.url, clock=ManualClock(NOW_MS), **others), server
            finally:
                self.go.set()

    def _hold(self, connection: Connection) -> None:
        self.go.wait(LONG_S)


class WatchedClock(ManualClock):
    """A clock by hand that tells when somebody has looked at it."""

    looked = threading.Semaphore(0)

    def now_ms(self) -> int:
        self.looked.release()
        return super().now_ms()

    def is_looked_at(self) -> None:
        """Wait until it was looked at twice from now on: then something came of the first look."""
        while self.looked.acquire(blocking=False):
            pass
        for _ in range(2):
            assert self.looked.acquire(timeout=LONG_S)


@contextmanager
def awaited(widget: Any, trait: str, wanted: Callable[[Any], bool]) -> Iterator[None]:
    """Wait at the end of the block until a trait of a widget is as wanted."""
    seen = threading.Event()
    widget.observe(lambda change: seen.set() if wanted(change["new"]) else None, names=trait)
    yield
    assert seen.wait(LONG_S), f"{trait} stayed {getattr(widget, trait)!r}"


def test_while_it_is_under_way_the_form_stays_free() -> None:
    held = Held()
    with held.form() as (form, server):
        view = form._view
        assert view.cancel.layout.display == "none"
        send_of(form).click()
        assert held.asked.wait(LONG_S)
        assert form.is_sending
        for _ in range(2):
            assert (send_of(form).description, send_of(form).disabled) == ("Sending...", True)
            assert view.cancel.layout.display is None
            assert "Waiting for the response" in view.responses.response.value
            view.field_list.fields["media.id"].input.value = "typed meanwhile"
        assert form.event.params["media.id"] == "typed meanwhile"
        held.go.set()
        until_shown(form)
        assert form.response is not None
        assert form.response.event.params["media.id"] == "demo-episode-1"
        assert not form.is_sending
        assert not send_of(form).disabled
        assert send_of(form).description.startswith("Send to")
        assert view.cancel.layout.display == "none"
        assert "201 Created" in view.responses.response.value
        assert view.responses.again.layout.display == "none"
        assert len(server.received) == 1


def test_cancel_ends_the_wait_and_the_outcome_is_kept() -> None:
    held = Held(silence)
    with held.form() as (form, server):
        send_of(form).click()
        assert held.asked.wait(LONG_S)
        press(form, form._view.cancel)
        assert form.response is not None
        assert form.response.failure is not None
        assert form.response.failure.kind == "cancelled"
        shown = form._view.responses.response.value
        assert "Whether a session was made is unknown. It was not sent again: that could count" in shown
        assert not send_of(form).disabled
        assert form._view.cancel.layout.display == "none"
        assert form._view.responses.again.layout.display is None
        assert form.table["in_words"].tolist() == ["cancelled"]
        (entry,) = form.journal.entries()
        assert (entry.exchange.request, entry.exchange.failure) == (form.response.request, form.response.failure)
        assert "1 none cancelled" in repr(form)
        assert server.connections == 1


def test_the_seconds_are_counted_by_the_clock_from_two_on() -> None:
    held = Held()
    clock = WatchedClock(NOW_MS)
    with held.form() as (form, _):
        form._clock = clock
        waiting = form._view.waiting
        send_of(form).click()
        clock.advance(milliseconds=1999)
        clock.is_looked_at()
        assert waiting.value == ""
        for move_ms, words in (
            (1, "Still waiting, 2 s"),
            (1000, "Still waiting, 3 s"),
            (60_000, "Still waiting, 63 s"),
        ):
            with awaited(waiting, "value", words.__eq__):
                clock.advance(milliseconds=move_ms)
        held.go.set()
        until_shown(form)
        assert waiting.value == ""


def test_a_voice_is_told_at_the_start_and_at_the_end_only() -> None:
    held = Held()
    clock = ManualClock(NOW_MS)
    with held.form() as (form, _):
        form._clock = clock
        said: list[str] = []
        form._view.bridge.observe(lambda change: said.append(change["new"]), names="announcement")
        send_of(form).click()
        for number in (2, 3):
            with awaited(form._view.waiting, "value", f"Still waiting, {number} s".__eq__):
                clock.advance(seconds=number - (clock.now_ms() - NOW_MS) // 1000)
        held.go.set()
        until_shown(form)
        assert said == ["Sending...", "201 Created: session started"]
        assert "role=" not in form._view.waiting.value


def test_send_again_sends_the_same_bytes_and_not_the_form_as_it_stands() -> None:
    held = Held(silence)
    with held.form() as (form, server):
        send_of(form).click()
        assert held.asked.wait(LONG_S)
        press(form, form._view.cancel)
        form.set("media.id", "changed since")
        held.asked.clear()
        form._view.responses.again.click()
        assert form._view.responses.again.layout.display == "none"
        assert held.asked.wait(LONG_S)
        press(form, form._view.cancel)
        first, second = server.received
        assert first == second
        assert form.table["meaning"].tolist() == ["cancelled", "cancelled"]
        assert form.event.params["media.id"] == "changed since"


def test_where_nothing_was_sent_there_is_nothing_to_send_again(sandbox_that_stopped: Sandbox) -> None:
    form = SessionForm(sandbox_that_stopped)
    with pytest.raises(UsageError, match="nothing to send again"):
        form.send(again=True)
    form.send()
    assert form._view.responses.again.layout.display == "none"


@pytest.fixture
def sandbox_that_stopped() -> Sandbox:
    sandbox = Sandbox(clock=ManualClock(NOW_MS))
    sandbox.stop()
    return sandbox


def test_clicks_while_it_is_under_way_send_nothing() -> None:
    held = Held()
    with held.form() as (form, server):
        for _ in range(3):
            send_of(form).click()
        assert held.asked.wait(LONG_S)
        assert form.send() is None
        held.go.set()
        until_shown(form)
        assert len(server.received) == 1
        assert len(form.exchanges) == 1


def test_an_interrupt_of_send_cancels_and_the_outcome_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(silence)

    def interrupt(_: SendTask) -> bool:
        assert held.asked.wait(LONG_S)
        signal.raise_signal(signal.SIGINT)
        return False

    monkeypatch.setattr(SendTask, "_wait_briefly", interrupt)
    with held.form() as (form, _):
        with pytest.raises(KeyboardInterrupt):
            form.send()
        assert form.table["meaning"].tolist() == ["cancelled"]
        assert not form.is_sending
        assert not send_of(form).disabled


def test_an_interrupt_while_it_starts_cancels_and_the_outcome_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(silence)
    begin = SendTask._start_threads

    def interrupted(sending: SendTask) -> None:
        begin(sending)
        assert held.asked.wait(LONG_S)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(SendTask, "_start_threads", interrupted)
    with held.form() as (form, _):
        with pytest.raises(KeyboardInterrupt):
            form.send()
        assert form.table["meaning"].tolist() == ["cancelled"]
        assert not form.is_sending


def test_an_interrupt_before_it_sets_out_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    held = Held()
    held.go.set()
    with held.form() as (form, server):
        with monkeypatch.context() as patched:
            patched.setattr(form._view, "show_send_start", interrupted)
            with pytest.raises(KeyboardInterrupt):
                form.send()
        assert form.table["meaning"].tolist() == ["cancelled, nothing sent"]
        assert server.connections == 0
        exchange = form.send()
        assert exchange is not None
        assert exchange.status == 201


def test_from_code_it_can_go_on_by_itself_and_be_cancelled() -> None:
    held = Held(silence)
    with held.form() as (form, _):
        form.cancel()
        assert form.send(wait=False) is None
        assert held.asked.wait(LONG_S)
        form.cancel()
        until_shown(form)
        form.cancel()
        assert [exchange.in_words for exchange in form.exchanges] == ["cancelled"]


def test_a_form_that_is_made_anew_meanwhile_breaks_nothing(tmp_path: Path) -> None:
    held = Held()
    with Journal(tmp_path / "journal.sqlite3") as journal, held.form(journal=journal) as (form, server):
        send_of(form).click()
        assert held.asked.wait(LONG_S)
        other = SessionForm(server.url, clock=ManualClock(NOW_MS), journal=journal)
        form._view.bridge.close()
        form.widget.close()
        held.go.set()
        until_shown(form)
        assert other.table["response"].tolist() == [201]
        assert other.send() is not None
        assert other.table["response"].tolist() == [201, 201]


def test_what_cannot_be_sent_is_raised_in_code_and_said_in_the_form() -> None:
    held = Held()
    with held.form() as (form, server):
        form.set("media.name", {1, 2})
        with pytest.raises(InputError, match="cannot be written as JSON"):
            form.send()
        assert "cannot be written as JSON" in form._view.responses.response.value
        assert "cannot be written as JSON" in form._view.bridge.announcement
        assert not send_of(form).disabled
        assert server.connections == 0


def test_a_response_that_ends_while_it_is_counted_leaves_no_count() -> None:
    held = Held()
    with held.form() as (form, _):
        send_of(form).click()
        assert held.asked.wait(LONG_S)
        held.go.set()
        until_shown(form)
        form._on_send_wait(2)
        assert form._view.waiting.value == ""


@pytest.mark.parametrize("message", ["", "sessionStart", "nothing has these words"])
def test_a_send_validates_its_body_once(message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    validated: list[object] = []

    def validate(thing: object, **options: Any) -> Any:
        validated.append(thing)
        return validation.validate(thing, **options)

    with RawServer(CREATED) as server, Journal(":memory:") as journal:
        form = SessionForm(server.url, clock=ManualClock(NOW_MS), journal=journal)
        form.search(message)
        for _ in range(3):
            form.send()
        for module in (mctoolkit.client.client, rows, session_form):
            monkeypatch.setattr(module, "validate", validate)
        form.send()
        assert len(validated) == 1
        shown, total = form._history.entries, form._history.total
        kept = journal.entries(search=message)
        assert [replace(entry.exchange, verdict=None) for entry in shown] == [
            replace(entry.exchange, verdict=None) for entry in kept
        ]
        assert [(e.number, e.errors_then, e.hints_then) for e in shown] == [
            (e.number, e.errors_then, e.hints_then) for e in kept
        ]
        assert total == journal.count(search=message) == (0 if "nothing" in message else 4)


def test_rows_that_another_program_wrote_are_shown_after_the_next_send() -> None:
    with RawServer(CREATED) as server, Journal(":memory:") as journal:
        form = SessionForm(server.url, clock=ManualClock(NOW_MS), journal=journal)
        form.send()
        assert form.response is not None
        journal.append(form.response)
        form.send()
        assert [entry.number for entry in form._history.entries] == [1, 2, 3]
