"""A web page of another origin: it can play a session with fetch but cannot read other sessions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from mctoolkit import Sandbox
from tests.contract.player import PARAMS, Player, start

PLAY = """
async ([host, params]) => {
  const post = (path, body) => fetch(host + path, {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
  });
  const event = (eventType, playhead, more) =>
    ({eventType, playerTime: {playhead, ts: Date.now()}, ...more});
  const start = await post("/api/v1/sessions", event("sessionStart", 0, {params}));
  const id = start.headers.get("Location").split("/")[4];  // as Adobe's own SDK does
  const events = `/api/v1/sessions/${id}/events`;
  const statuses = [start.status];
  for (const [name, playhead, more] of [
    ["play", 0, {params: {}}], ["ping", 10], ["bufferStart", 11, {qoeData: {"media.qoe.bitrate": 2000000}}],
    ["play", 11], ["sessionComplete", 60], ["sessionEnd", 60], ["ping", 60],
  ]) statuses.push((await post(events, event(name, playhead, more))).status);
  const rejected = await post("/api/v1/sessions", {});
  const schema = await (await fetch(host + "/api/v1/schemas/ping")).json();
  return {
    id, statuses, problems: rejected.headers.get("X-Sandbox-Problems"), message: (await rejected.json()).message,
    schema: schema.$schema,
  };
}
"""

SEARCH_FOR_SECRET = """
async ([host, secret]) => {
  const found = [];
  for (const path of ["/", "/api/v1/sessions", "/seen", "/exchanges", "/clock", "/api/v1/schemas/sessionStart"])
    for (const method of ["GET", "POST"])
      for (const type of [undefined, "application/json"]) {
        const headers = type ? {"Content-Type": type} : {};
        const response = await fetch(host + path, {method, headers, body: method == "POST" ? "{}" : undefined});
        const all = JSON.stringify([...response.headers]) + await response.text();
        if (all.includes(secret)) found.push(`${method} ${path}`);
      }
  return found;
}
"""

SEND_CUSTOM_HEADER = """
async (host) => {
  try {
    await fetch(host + "/api/v1/sessions", {method: "POST", headers: {"X-Own": "1"}, body: "{}"});
    return "sent";
  } catch (error) { return error.name; }
}
"""


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[str]:
    """Serve a page from another origin."""
    (tmp_path / "index.html").write_text("<!DOCTYPE html><title>A player</title>")
    (tmp_path / "favicon.ico").write_bytes(b"")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietHandler, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join(30)


def test_page_of_another_origin_plays_a_session(page: Page, origin: str) -> None:
    with Sandbox() as sandbox:
        page.goto(origin)
        found = page.evaluate(PLAY, [sandbox.url, PARAMS | {"media.downloaded": False}])
        entries = sandbox.log.entries
    assert found["statuses"] == [201, 204, 204, 204, 204, 204, 204, 410]
    assert found["problems"].startswith("11; missing:")
    assert found["message"].startswith("Request had improper format")
    assert found["schema"] == "http://json-schema.org/draft-04/schema#"
    endpoints = [entry.endpoint for entry in entries]
    assert endpoints[:2] == ["preflight", "sessions"], "a browser sends a preflight before JSON"
    sent = [entry for entry in entries if entry.endpoint != "preflight"]
    assert {entry.session_id for entry in sent[:8]} == {found["id"]}
    origins = {value for entry in entries for name, value in entry.exchange.request.headers if name.lower() == "origin"}
    assert origins == {origin.rstrip("/")}


def test_page_cannot_read_other_sessions_or_add_headers(page: Page, origin: str) -> None:
    secret = "a secret name"
    with Sandbox() as sandbox:
        with Player(sandbox) as player:
            session_id = player.start_session(start(media__name=secret)).session_id
        page.goto(origin)
        assert page.evaluate(SEARCH_FOR_SECRET, [sandbox.url, secret]) == []
        assert page.evaluate(SEARCH_FOR_SECRET, [sandbox.url, session_id]) == []
        assert page.evaluate(SEND_CUSTOM_HEADER, sandbox.url) == "TypeError"
        assert all(entry.status != 201 for entry in sandbox.log.entries[1:])
        assert list(sandbox.sessions.open) == [session_id]
