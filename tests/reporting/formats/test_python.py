"""The Python that is shown to be copied: run as it stands, it sends the same bytes."""

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
from mctoolkit.reporting.formats.python import plain_python, python_cell
from mctoolkit.reporting.formats.request import sending
from mctoolkit.simulation import presets
from tests.reporting.formats.corpus import EVENTS, NOW_MS, body_with
from tests.reporting.formats.receiving import receiver, split

API = "company.hb-api.omtrdc.net"


def run(source: str) -> dict[str, Any]:
    """Run a cell as a notebook does, the value of the last line in ``_``."""
    tree = ast.parse(source)
    names: dict[str, Any] = {}
    if isinstance(tree.body[-1], ast.Expr):
        tree.body[-1] = ast.Assign([ast.Name("_", ast.Store())], tree.body[-1].value, lineno=0)
        ast.fix_missing_locations(tree)
    exec(compile(tree, "<cell>", "exec"), names)
    return names


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that nobody listens at: what is for this computer must not ask it."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", EVENTS)
def test_the_cell_sends_the_same_bytes(name: str) -> None:
    body = EVENTS[name]
    with receiver() as server:
        names = run(python_cell(body, server.url))
    first, headers, sent = split(server.request)
    assert sent == Event(body).to_bytes()
    assert first == "POST /api/v1/sessions HTTP/1.1"
    assert headers["content-type"] == "application/json"
    assert names["_"].status == 201
    assert names["_"] is names["exchange"]


@pytest.mark.parametrize("name", EVENTS)
def test_the_script_sends_the_same_bytes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    body = EVENTS[name]
    with receiver() as server:
        run(plain_python(body, server.url))
    first, headers, sent = split(server.request)
    assert sent == Event(body).to_bytes()
    assert first == "POST /api/v1/sessions HTTP/1.1"
    assert headers["content-type"] == "application/json"
    assert capsys.readouterr().out == "201 Created\n/api/v1/sessions/7f3a\n\n"


def test_both_run_by_themselves_in_a_new_process() -> None:
    for write in (python_cell, plain_python):
        with receiver() as server:
            source = write(body_with('it\'s "🎬"'), server.url)
            done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        assert split(server.request)[2] == Event(body_with('it\'s "🎬"')).to_bytes()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(body=st.dictionaries(st.text(), JSON, max_size=4) | st.text() | st.binary())
def test_what_stands_in_the_code_is_the_body(body: Any) -> None:
    cell = ast.parse(python_cell(body, API)).body
    literal = next(node.value for node in cell if isinstance(node, ast.Assign) and _name(node) == "event")
    assert Event(eval(compile(ast.Expression(literal), "<cell>", "eval"))).to_bytes() == Event(body).to_bytes()
    script = ast.parse(plain_python(body, API)).body
    lines = [node for node in script if isinstance(node, ast.Assign) and _name(node) in ("event", "body")]
    names: dict[str, Any] = {}
    exec("import json\n" + "\n".join(ast.unparse(node) for node in lines), names)
    assert names["body"] == Event(body).to_bytes()


def _name(node: ast.Assign) -> str:
    assert isinstance(node.targets[0], ast.Name)
    return node.targets[0].id


def test_a_cell_of_a_sandbox_starts_its_own() -> None:
    with Sandbox() as sandbox:
        names = run(python_cell(Draft(now_ms=NOW_MS), sandbox))
    with names["sandbox"]:
        assert names["exchange"].status == 201
        assert names["exchange"].is_sandbox
        assert names["exchange"].request.body == Draft(now_ms=NOW_MS).event.to_bytes()


def test_a_script_of_a_sandbox_sends_to_that_sandbox(capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox() as sandbox:
        run(plain_python(presets.preset("vod", NOW_MS), sandbox))
    assert capsys.readouterr().out.startswith("201 Created\n/api/v1/sessions/")


def test_only_a_body_with_errors_is_sent_anyway() -> None:
    good, bad = presets.preset("vod", NOW_MS), presets.preset("documentation", NOW_MS)
    assert "send_anyway" not in python_cell(good, API)
    assert "send_anyway" not in python_cell(presets.preset("minimal", NOW_MS), API)
    assert "send_anyway=True" in python_cell(bad, API)
    with Sandbox() as sandbox:
        source = python_cell(bad, sandbox.url)
        assert run(source)["exchange"].status == 400
        with pytest.raises(NotSent):
            run(source.replace(", send_anyway=True", ""))


def test_it_reads_as_one_would_write_it() -> None:
    body = {"eventType": "play", "params": {}, "list": [1, True], "text": "it's"}
    assert python_cell(body, API) == (
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
    assert 'event = """{\n  "a": 1,\n}"""' in python_cell('{\n  "a": 1,\n}', API)
    assert 'event = r"""{\n  "a": "\\n",\n}"""' in python_cell('{\n  "a": "\\n",\n}', API)


def test_a_proxy_is_asked_for_a_real_host_only() -> None:
    assert "trust_env" not in plain_python({}, API)
    assert "session.trust_env = False" in plain_python({}, "http://127.0.0.1:1")


def test_plain_http_stays_allowed_where_it_was() -> None:
    target = read_target("http://company.hb-api.omtrdc.net", allow_http=True)
    source = python_cell({}, target)
    assert 'Client("http://company.hb-api.omtrdc.net", allow_http=True)' in source
    assert "allow_http" not in python_cell({}, "http://127.0.0.1:1")


def test_hidden_identifiers_are_hidden_and_the_rest_is_not() -> None:
    body = body_with("x")
    body["params"] |= {"analytics.reportSuite": "acme-prod", "analytics.visitorId": "jane@acme.example"}
    for write in (python_cell, plain_python):
        for event in (body, Event(body).to_text() + ","):
            source = write(event, "https://acme.hb-api.omtrdc.net", masked=True)
            assert "acme" not in source
            assert "jane" not in source
            assert "demo-episode-1" in source
            assert source.startswith("# Identifiers are hidden")
            ast.parse(source)
        assert "acme-prod" in write(body, API)
    with pytest.raises(HostError, match="placeholder"):
        run(python_cell(body, "acme.hb-api.omtrdc.net", masked=True))


def test_a_draft_and_an_exchange_are_what_they_send() -> None:
    with Sandbox() as sandbox, Client(sandbox) as client:
        exchange = client.start_session(body_with("x"))
    assert sending(exchange, API).body == sending(body_with("x"), API).body == exchange.request.body
    draft = Draft(now_ms=NOW_MS)
    assert sending(draft, API).body == draft.event.to_bytes()


@pytest.mark.parametrize(
    ("to", "url"),
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
def test_an_address_becomes_an_endpoint(to: Any, url: str) -> None:
    assert sending({}, to).url == url


def test_what_cannot_be_an_address_is_refused() -> None:
    with pytest.raises(HostError):
        python_cell({}, "no host")
    with pytest.raises(UsageError):
        plain_python({}, 7)
