"""The OpenAPI document: it is valid, equals the spec, and describes the sandbox."""

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
        return player.start_session().session_id


@pytest.fixture(scope="module")
def api(sandbox: Sandbox) -> BaseSchema:
    loaded = schemathesis.openapi.from_dict(document(sandbox.url))
    loaded.config.update(base_url=sandbox.url)
    return loaded


def test_document_is_valid_openapi(api: BaseSchema) -> None:
    api.validate()


def test_command_prints_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        app(["openapi"])
    assert exited.value.code == 0
    assert json.loads(capsys.readouterr().out) == document()


def test_document_has_exactly_the_documented_responses() -> None:
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


def is_valid_for(name: str, body: Any) -> bool:
    schema = {"components": document()["components"], "$ref": f"#/components/schemas/{name}"}
    return jsonschema.Draft202012Validator(schema).is_valid(body)


@pytest.mark.parametrize("name", catalog.event_types())
def test_schemas_accept_what_validate_accepts(name: str) -> None:
    body = event(name)
    assert is_valid_for(name, body)
    assert is_valid_for("Event", body) is (name != "sessionStart")
    assert not is_valid_for(name, {**body, "more": 1})
    assert not is_valid_for(name, {**body, "playerTime": {"playhead": 0}})


@pytest.mark.parametrize("body", [
    start(), start(media__downloaded=True), start(media__downloaded=False), [start(media__downloaded=True)],
    [start()], [start(media__downloaded=True), event("play")], [start(media__downloaded=True), start()], [],
    [event("play")], event("play"),
], ids=lambda body: str(len(body)))  # fmt: skip
def test_session_bodies_agree_with_validate(body: Any) -> None:
    is_valid = validate(body, endpoint="sessions").ok
    assert (is_valid_for("LiveStart", body) or is_valid_for("DownloadedList", body)) is is_valid
    listed = body if isinstance(body, list) else [body]
    assert is_valid_for("List", listed) is validate(listed, endpoint="downloaded").ok


# --- schemathesis


def with_integers(value: Any) -> Any:
    """Return a body with 23 for 23.0: the only difference between draft-04 and OpenAPI here."""
    if isinstance(value, dict):
        return {key: with_integers(member) for key, member in value.items()}
    if isinstance(value, list):
        return [with_integers(member) for member in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e21 else value


@pytest.mark.parametrize("endpoint", PATHS)
def test_generated_valid_requests_are_accepted(api: BaseSchema, session_id: str, endpoint: str) -> None:
    path, method = PATHS[endpoint]
    operation = api[path][method]

    @seed(2026)
    @FEW
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def sent(case: Any) -> None:
        case.body = with_integers(case.body)
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
def test_generated_invalid_requests_are_rejected(api: BaseSchema, session_id: str, endpoint: str) -> None:
    path, method = PATHS[endpoint]
    operation = api[path][method]

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
