"""Sending with a slow server: progress, cancel, interrupt, send again and announcements."""

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
from tests.widgets.conftest import NOW_MS
from tests.widgets.form_page import LONG_S, FormPage

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nLocation: /api/v1/sessions/7f3a\r\n\r\n"


class HeldServer:
    """A server that sets :attr:`asked` when it has a request and responds after :attr:`go` is set."""

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
        assert self.go.wait(LONG_S)


class WatchedClock(ManualClock):
    """A manual clock that counts its readings."""

    def __init__(self, now_ms: int) -> None:
        self.readings = threading.Semaphore(0)
        super().__init__(now_ms)

    def now_ms(self) -> int:
        self.readings.release()
        return super().now_ms()

    def wait_for_reading(self) -> None:
        """Wait for two more readings: the second shows that the first one was handled."""
        while self.readings.acquire(blocking=False):
            pass
        for _ in range(2):
            assert self.readings.acquire(timeout=LONG_S)


@contextmanager
def wait_for(widget: Any, trait: str, expected: Callable[[Any], bool]) -> Iterator[None]:
    """At the end of the block, wait until a trait of a widget has the expected value."""
    seen = threading.Event()
    widget.observe(lambda change: seen.set() if expected(change["new"]) else None, names=trait)
    yield
    assert seen.wait(LONG_S), f"{trait} stayed {getattr(widget, trait)!r}"


@pytest.fixture
def stopped_sandbox() -> Sandbox:
    sandbox = Sandbox(clock=ManualClock(NOW_MS))
    sandbox.stop()
    return sandbox


@pytest.fixture
def default_sigint() -> Iterator[None]:
    """Raise KeyboardInterrupt on SIGINT. A shell that runs pytest in the background makes Python ignore SIGINT."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


def test_form_can_be_edited_while_sending() -> None:
    held = HeldServer()
    with held.form() as (form, server):
        page = FormPage(form)
        view = page.view
        assert view.cancel.layout.display == "none"
        page.send_button.click()
        assert held.asked.wait(LONG_S)
        assert form.is_sending
        for _ in range(2):
            assert (page.send_button.description, page.send_button.disabled) == ("Sending...", True)
            assert view.cancel.layout.display is None
            assert "Waiting for the response" in view.responses.response.value
            view.field_list.fields["media.id"].input.value = "typed meanwhile"
        assert form.event.params["media.id"] == "typed meanwhile"
        held.go.set()
        page.wait_until_sent()
        assert form.response is not None
        assert form.response.event.params["media.id"] == "demo-episode-1"
        assert not form.is_sending
        assert not page.send_button.disabled
        assert page.send_button.description.startswith("Send to")
        assert view.cancel.layout.display == "none"
        assert "201 Created" in view.responses.response.value
        assert view.responses.again.layout.display == "none"
        assert len(server.received) == 1


def test_cancel_keeps_the_exchange() -> None:
    held = HeldServer(silence)
    with held.form() as (form, server):
        page = FormPage(form)
        page.send_button.click()
        assert held.asked.wait(LONG_S)
        page.click(page.view.cancel)
        assert form.response is not None
        assert form.response.failure is not None
        assert form.response.failure.kind == "cancelled"
        shown = page.response
        assert "Whether the session started is unknown. The request was not sent again" in shown
        assert not page.send_button.disabled
        assert page.view.cancel.layout.display == "none"
        assert page.view.responses.again.layout.display is None
        assert form.table["meaning"].tolist() == ["cancelled"]
        (entry,) = form.journal.entries()
        assert (entry.exchange.request, entry.exchange.failure) == (form.response.request, form.response.failure)
        assert "1 none cancelled" in repr(form)
        assert server.connections == 1


def test_waiting_seconds_are_shown_from_two_on() -> None:
    held = HeldServer()
    clock = WatchedClock(NOW_MS)
    with held.form() as (form, _):
        page = FormPage(form)
        form._clock = clock
        waiting = page.view.waiting
        page.send_button.click()
        clock.advance(milliseconds=1999)
        clock.wait_for_reading()
        assert waiting.value == ""
        for move_ms, text in (
            (1, "Still waiting, 2 s"),
            (1000, "Still waiting, 3 s"),
            (60_000, "Still waiting, 63 s"),
        ):
            with wait_for(waiting, "value", text.__eq__):
                clock.advance(milliseconds=move_ms)
        held.go.set()
        page.wait_until_sent()
        assert waiting.value == ""


def test_announcements_only_at_start_and_end() -> None:
    held = HeldServer()
    clock = ManualClock(NOW_MS)
    with held.form() as (form, _):
        page = FormPage(form)
        form._clock = clock
        announced: list[str] = []
        page.view.bridge.observe(lambda change: announced.append(change["new"]), names="announcement")
        page.send_button.click()
        for number in (2, 3):
            with wait_for(page.view.waiting, "value", f"Still waiting, {number} s".__eq__):
                clock.advance(seconds=number - (clock.now_ms() - NOW_MS) // 1000)
        held.go.set()
        page.wait_until_sent()
        assert announced == ["Sending...", "201 Created: session started"]
        assert "role=" not in page.view.waiting.value


def test_send_again_sends_the_same_bytes() -> None:
    held = HeldServer(silence)
    with held.form() as (form, server):
        page = FormPage(form)
        page.send_button.click()
        assert held.asked.wait(LONG_S)
        page.click(page.view.cancel)
        form.set("media.id", "changed since")
        held.asked.clear()
        page.view.responses.again.click()
        assert page.view.responses.again.layout.display == "none"
        assert held.asked.wait(LONG_S)
        page.click(page.view.cancel)
        first, second = server.received
        assert first == second
        assert form.table["meaning"].tolist() == ["cancelled", "cancelled"]
        assert form.event.params["media.id"] == "changed since"


def test_send_again_needs_a_sent_request(stopped_sandbox: Sandbox) -> None:
    form = SessionForm(stopped_sandbox)
    page = FormPage(form)
    with pytest.raises(UsageError, match="nothing to send again"):
        form.send(again=True)
    form.send()
    assert page.view.responses.again.layout.display == "none"


def test_clicks_while_sending_do_nothing() -> None:
    held = HeldServer()
    with held.form() as (form, server):
        page = FormPage(form)
        for _ in range(3):
            page.send_button.click()
        assert held.asked.wait(LONG_S)
        assert form.send() is None
        held.go.set()
        page.wait_until_sent()
        assert len(server.received) == 1
        assert len(form.exchanges) == 1


@pytest.mark.usefixtures("default_sigint")
def test_interrupt_while_waiting_cancels(monkeypatch: pytest.MonkeyPatch) -> None:
    held = HeldServer(silence)

    def interrupt(_: SendTask) -> bool:
        assert held.asked.wait(LONG_S)
        signal.raise_signal(signal.SIGINT)
        return False

    monkeypatch.setattr(SendTask, "_wait_briefly", interrupt)
    with held.form() as (form, _):
        page = FormPage(form)
        with pytest.raises(KeyboardInterrupt):
            form.send()
        assert form.table["meaning"].tolist() == ["cancelled"]
        assert not form.is_sending
        assert not page.send_button.disabled


@pytest.mark.usefixtures("default_sigint")
def test_interrupt_after_start_cancels(monkeypatch: pytest.MonkeyPatch) -> None:
    held = HeldServer(silence)
    start_threads = SendTask._start_threads

    def interrupted(task: SendTask) -> None:
        start_threads(task)
        assert held.asked.wait(LONG_S)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(SendTask, "_start_threads", interrupted)
    with held.form() as (form, _):
        with pytest.raises(KeyboardInterrupt):
            form.send()
        assert form.table["meaning"].tolist() == ["cancelled"]
        assert not form.is_sending


def test_interrupt_before_start_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    held = HeldServer()
    held.go.set()
    with held.form() as (form, server):
        page = FormPage(form)
        with monkeypatch.context() as patched:
            patched.setattr(page.view, "show_send_start", interrupted)
            with pytest.raises(KeyboardInterrupt):
                form.send()
        assert form.table["meaning"].tolist() == ["cancelled, nothing sent"]
        assert server.connections == 0
        exchange = form.send()
        assert exchange is not None
        assert exchange.status == 201


def test_send_without_wait_can_be_cancelled() -> None:
    held = HeldServer(silence)
    with held.form() as (form, _):
        page = FormPage(form)
        form.cancel()
        assert form.send(wait=False) is None
        assert held.asked.wait(LONG_S)
        form.cancel()
        page.wait_until_sent()
        form.cancel()
        assert [exchange.in_words for exchange in form.exchanges] == ["cancelled"]


def test_new_form_while_another_is_sending(tmp_path: Path) -> None:
    held = HeldServer()
    with Journal(tmp_path / "journal.sqlite3") as journal, held.form(journal=journal) as (form, server):
        page = FormPage(form)
        page.send_button.click()
        assert held.asked.wait(LONG_S)
        other = SessionForm(server.url, clock=ManualClock(NOW_MS), journal=journal)
        page.view.bridge.close()
        form.widget.close()
        held.go.set()
        page.wait_until_sent()
        assert other.table["response"].tolist() == [201]
        assert other.send() is not None
        assert other.table["response"].tolist() == [201, 201]


def test_unsendable_value_raises_and_is_shown() -> None:
    held = HeldServer()
    with held.form() as (form, server):
        page = FormPage(form)
        form.set("media.name", {1, 2})
        with pytest.raises(InputError, match="cannot be written as JSON"):
            form.send()
        assert "cannot be written as JSON" in page.response
        assert "cannot be written as JSON" in page.view.bridge.announcement
        assert not page.send_button.disabled
        assert server.connections == 0


def test_late_wait_report_is_ignored() -> None:
    held = HeldServer()
    with held.form() as (form, _):
        page = FormPage(form)
        page.send_button.click()
        assert held.asked.wait(LONG_S)
        held.go.set()
        page.wait_until_sent()
        form._on_send_wait(2)
        assert page.view.waiting.value == ""


@pytest.mark.parametrize("message", ["", "sessionStart", "no match"])
def test_send_validates_the_body_once(message: str, monkeypatch: pytest.MonkeyPatch) -> None:
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
        assert [(e.number, e.recorded_errors, e.recorded_hints) for e in shown] == [
            (e.number, e.recorded_errors, e.recorded_hints) for e in kept
        ]
        assert total == journal.count(search=message) == (0 if message == "no match" else 4)


def test_rows_of_other_processes_appear_after_send() -> None:
    with RawServer(CREATED) as server, Journal(":memory:") as journal:
        form = SessionForm(server.url, clock=ManualClock(NOW_MS), journal=journal)
        form.send()
        assert form.response is not None
        journal.append(form.response)
        form.send()
        assert [entry.number for entry in form._history.entries] == [1, 2, 3]
