"""The OpenAPI document: it is one, it says what the facts say, and the sandbox keeps to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.schemas import BaseSchema

from mctoolkit import Sandbox, validate
from mctoolkit._core.clocks import ManualClock
from mctoolkit.cli.main import app
from mctoolkit.spec import catalog
from mctoolkit.spec.openapi import document
from tests.contract.player import DOWNLOADED, SESSIONS, Player, event, start

EVENTS = f"{SESSIONS}/{{sid}}/events"
PATHS = {"sessions": (SESSIONS, "post"), "events": (EVENTS, "post"), "downloaded": (DOWNLOADED, "post"),
         "schemas": ("/api/v1/schemas/{eventType}", "get")}  # fmt: skip

FEW = settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=ManualClock()) as running:
        yield running


@pytest.fixture(scope="module")
def session_id(sandbox: Sandbox) -> str:
    with Player(sandbox) as player:
        return player.begin().session_id


@pytest.fixture(scope="module")
def described(sandbox: Sandbox) -> BaseSchema:
    loaded = schemathesis.openapi.from_dict(document(sandbox.url))
    loaded.config.update(base_url=sandbox.url)
    return loaded


def test_it_is_an_openapi_document(described: BaseSchema) -> None:
    described.validate()


def test_it_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app(["openapi"])
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out) == document()


def test_each_documented_response_is_in_it_and_no_other() -> None:
    paths = document()["paths"]
    assert len(paths) == len(PATHS)
    for endpoint, (path, method) in PATHS.items():
        responses = paths[path][method]["responses"]
        assert set(responses) == {str(status) for status in catalog.responses(endpoint)}
        for status, response in catalog.responses(endpoint).items():
            assert response.meaning in responses[str(status)]["description"]
            relied_on = {header.name for header in response.headers if header.relied_on}
            headers = responses[str(status)]["headers"]
            assert {name for name, header in headers.items() if header["required"]} == relied_on - {"Location"}


def holds(name: str, body: Any) -> bool:
    whole = {"components": document()["components"], "$ref": f"#/components/schemas/{name}"}
    return jsonschema.Draft202012Validator(whole).is_valid(body)


@pytest.mark.parametrize("name", catalog.event_types())
def test_its_schemas_take_what_the_checker_takes(name: str) -> None:
    body = event(name)
    assert holds(name, body)
    assert holds("Event", body) is (name != "sessionStart")
    assert not holds(name, {**body, "more": 1})
    assert not holds(name, {**body, "playerTime": {"playhead": 0}})


@pytest.mark.parametrize("body", [
    start(), start(media__downloaded=True), start(media__downloaded=False), [start(media__downloaded=True)],
    [start()], [start(media__downloaded=True), event("play")], [start(media__downloaded=True), start()], [],
    [event("play")], event("play"),
], ids=lambda body: str(len(body)))  # fmt: skip
def test_a_body_of_sessions_is_right_where_the_checker_says_so(body: Any) -> None:
    right = validate(body, endpoint="sessions").ok
    assert (holds("LiveStart", body) or holds("DownloadedList", body)) is right
    listed = body if isinstance(body, list) else [body]
    assert holds("List", listed) is validate(listed, endpoint="downloaded").ok


# --- schemathesis


def in_digits(value: Any) -> Any:
    """Return a body with 23 for 23.0: the one thing on which draft-04 and OpenAPI differ."""
    if isinstance(value, dict):
        return {key: in_digits(member) for key, member in value.items()}
    if isinstance(value, list):
        return [in_digits(member) for member in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e21 else value


@pytest.mark.parametrize("endpoint", PATHS)
def test_what_fits_the_document_is_accepted(described: BaseSchema, session_id: str, endpoint: str) -> None:
    path, method = PATHS[endpoint]
    operation = described[path][method]

    @seed(2026)
    @FEW
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def sent(case: Any) -> None:
        case.body = in_digits(case.body)
        if endpoint == "events":
            case.path_parameters = {"sid": session_id}
            if case.body["eventType"] == "sessionEnd":
                return
        response = case.call_and_validate()
        accepted = {
            status for status, response in catalog.responses(endpoint).items() if response.outcome == "accepted"
        }
        assert response.status_code in accepted, response.text

    sent()


@pytest.mark.parametrize("endpoint", PATHS)
def test_what_does_not_fit_is_refused_as_documented(described: BaseSchema, session_id: str, endpoint: str) -> None:
    path, method = PATHS[endpoint]
    operation = described[path][method]

    @seed(2026)
    @FEW
    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def sent(case: Any) -> None:
        response = case.call()
        assert 400 <= response.status_code < 500, response.text
        assert isinstance(response.json()["message"], str)
        if response.status_code in catalog.responses(endpoint):
            case.validate_response(response)

    sent()
