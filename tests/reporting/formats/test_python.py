"""to_python: the code runs unchanged and sends the same bytes."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from mctoolkit import Client, Event, HostError, NotSent, Sandbox, UsageError
from mctoolkit.models.draft import Draft
from mctoolkit.models.target import read_target
from mctoolkit.reporting.formats import to_python
from mctoolkit.reporting.formats.python import Library
from mctoolkit.reporting.formats.request import prepare_request
from mctoolkit.simulation import presets
from tests.reporting.formats.corpus import EVENTS, NOW_MS, body_with
from tests.reporting.formats.recording import parse_request, recording_server

API = "company.hb-api.omtrdc.net"
LIBRARIES: tuple[Library, ...] = ("mctoolkit", "requests")


def run(source: str) -> dict[str, Any]:
    """Run code like a notebook cell; ``_`` is the value of the last line."""
    tree = ast.parse(source)
    names: dict[str, Any] = {}
    if isinstance(tree.body[-1], ast.Expr):
        tree.body[-1] = ast.Assign([ast.Name("_", ast.Store())], tree.body[-1].value, lineno=0)
        ast.fix_missing_locations(tree)
    exec(compile(tree, "<cell>", "exec"), names)
    return names


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a proxy that does not exist: requests to this computer must not use it."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", EVENTS)
def test_mctoolkit_code_sends_the_same_bytes(name: str) -> None:
    body = EVENTS[name]
    with recording_server() as server:
        names = run(to_python(body, server.url))
    request_line, headers, sent = parse_request(server.request)
    assert sent == Event(body).to_bytes()
    assert request_line == "POST /api/v1/sessions HTTP/1.1"
    assert headers["content-type"] == "application/json"
    assert names["_"].status == 201
    assert names["_"] is names["exchange"]


@pytest.mark.parametrize("name", EVENTS)
def test_requests_code_sends_the_same_bytes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    body = EVENTS[name]
    with recording_server() as server:
        run(to_python(body, server.url, "requests"))
    request_line, headers, sent = parse_request(server.request)
    assert sent == Event(body).to_bytes()
    assert request_line == "POST /api/v1/sessions HTTP/1.1"
    assert headers["content-type"] == "application/json"
    assert capsys.readouterr().out == "201 Created\n/api/v1/sessions/7f3a\n\n"


def test_code_runs_in_a_new_process() -> None:
    for library in LIBRARIES:
        with recording_server() as server:
            source = to_python(body_with('it\'s "🎬"'), server.url, library)
            done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        assert parse_request(server.request)[2] == Event(body_with('it\'s "🎬"')).to_bytes()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(body=st.dictionaries(st.text(), JSON, max_size=4) | st.text() | st.binary())
def test_code_contains_the_exact_body(body: Any) -> None:
    nodes = ast.parse(to_python(body, API)).body
    literal = next(node.value for node in nodes if isinstance(node, ast.Assign) and _name(node) == "event")
    assert Event(eval(compile(ast.Expression(literal), "<cell>", "eval"))).to_bytes() == Event(body).to_bytes()
    script = ast.parse(to_python(body, API, "requests")).body
    lines = [node for node in script if isinstance(node, ast.Assign) and _name(node) in ("event", "body")]
    names: dict[str, Any] = {}
    exec("import json\n" + "\n".join(ast.unparse(node) for node in lines), names)
    assert names["body"] == Event(body).to_bytes()


def _name(node: ast.Assign) -> str:
    assert isinstance(node.targets[0], ast.Name)
    return node.targets[0].id


def test_mctoolkit_code_starts_its_own_sandbox() -> None:
    with Sandbox() as sandbox:
        names = run(to_python(Draft(now_ms=NOW_MS), sandbox))
    with names["sandbox"]:
        assert names["exchange"].status == 201
        assert names["exchange"].is_sandbox
        assert names["exchange"].request.body == Draft(now_ms=NOW_MS).event.to_bytes()


def test_requests_code_uses_the_running_sandbox(capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox() as sandbox:
        run(to_python(presets.preset("vod", NOW_MS), sandbox, "requests"))
    assert capsys.readouterr().out.startswith("201 Created\n/api/v1/sessions/")


def test_only_body_with_errors_has_send_anyway() -> None:
    good, bad = presets.preset("vod", NOW_MS), presets.preset("documentation", NOW_MS)
    assert "send_anyway" not in to_python(good, API)
    assert "send_anyway" not in to_python(presets.preset("minimal", NOW_MS), API)
    assert "send_anyway=True" in to_python(bad, API)
    with Sandbox() as sandbox:
        source = to_python(bad, sandbox.url)
        assert run(source)["exchange"].status == 400
        with pytest.raises(NotSent):
            run(source.replace(", send_anyway=True", ""))


def test_body_is_formatted_like_hand_written_code() -> None:
    body = {"eventType": "play", "params": {}, "list": [1, True], "text": "it's"}
    assert to_python(body, API) == (
        "from mctoolkit import Client\n"
        "\n"
        'client = Client("https://company.hb-api.omtrdc.net")\n'
        "event = {\n"
        '    "eventType": "play",\n'
        '    "params": {},\n'
        '    "list": [\n'
        "        1,\n"
        "        True,\n"
        "    ],\n"
        '    "text": "it\'s",\n'
        "}\n"
        "exchange = client.start_session(event, send_anyway=True)\n"
        "exchange"
    )
    assert 'event = """{\n  "a": 1,\n}"""' in to_python('{\n  "a": 1,\n}', API)
    assert 'event = r"""{\n  "a": "\\n",\n}"""' in to_python('{\n  "a": "\\n",\n}', API)


def test_proxy_is_bypassed_for_loopback_only() -> None:
    assert "trust_env" not in to_python({}, API, "requests")
    assert "session.trust_env = False" in to_python({}, "http://127.0.0.1:1", "requests")


def test_allow_http_is_kept_for_plain_http() -> None:
    target = read_target("http://company.hb-api.omtrdc.net", allow_http=True)
    source = to_python({}, target)
    assert 'Client("http://company.hb-api.omtrdc.net", allow_http=True)' in source
    assert "allow_http" not in to_python({}, "http://127.0.0.1:1")


def test_masked_code_hides_only_identifiers() -> None:
    body = body_with("x")
    body["params"] |= {"analytics.reportSuite": "acme-prod", "analytics.visitorId": "jane@acme.example"}
    for library in LIBRARIES:
        for event in (body, Event(body).to_text() + ","):
            source = to_python(event, "https://acme.hb-api.omtrdc.net", library, masked=True)
            assert "acme" not in source
            assert "jane" not in source
            assert "demo-episode-1" in source
            assert source.startswith("# Identifiers are hidden")
            ast.parse(source)
        assert "acme-prod" in to_python(body, API, library)
    with pytest.raises(HostError, match="placeholder"):
        run(to_python(body, "acme.hb-api.omtrdc.net", masked=True))


def test_draft_and_exchange_give_their_body() -> None:
    with Sandbox() as sandbox, Client(sandbox) as client:
        exchange = client.start_session(body_with("x"))
    assert prepare_request(exchange, API).body == exchange.request.body == prepare_request(body_with("x"), API).body
    draft = Draft(now_ms=NOW_MS)
    assert prepare_request(draft, API).body == draft.event.to_bytes()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        (API, "https://company.hb-api.omtrdc.net/api/v1/sessions"),
        ("https://company.hb-api.omtrdc.net/api/v1/sessions/", "https://company.hb-api.omtrdc.net/api/v1/sessions"),
        (
            "https://company.hb-api.omtrdc.net/api/v1/sessions/7f3a/events?x#y",
            "https://company.hb-api.omtrdc.net/api/v1/sessions/7f3a/events",
        ),
        ("http://localhost:8000/mc", "http://localhost:8000/mc/api/v1/sessions"),
        (read_target(API), "https://company.hb-api.omtrdc.net/api/v1/sessions"),
    ],
)
def test_host_becomes_an_endpoint_url(host: Any, url: str) -> None:
    assert prepare_request({}, host).url == url


def test_invalid_host_is_refused() -> None:
    with pytest.raises(HostError):
        to_python({}, "no host")
    with pytest.raises(UsageError):
        to_python({}, 7, "requests")


def test_unknown_library_lists_known_libraries() -> None:
    with pytest.raises(UsageError, match="mctoolkit, requests"):
        to_python({}, API, "httpx")  # type: ignore[arg-type]
