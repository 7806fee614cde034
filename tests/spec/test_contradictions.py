"""Contradictions of the sources: sandbox and validation follow the documented interpretation."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from mctoolkit import ManualClock, Sandbox, validate
from mctoolkit.reporting import tables
from mctoolkit.simulation.presets import preset
from mctoolkit.spec import catalog

NOW = 1_509_045_324_153


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=ManualClock(NOW)) as running:
        yield running


def _start(member: str = "params", **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = copy.deepcopy(preset("minimal", NOW).value)
    for name, value in changes.items():
        body.setdefault(member, {})[name.replace("__", ".")] = value
    return body


def _event(event_type: str, **members: Any) -> dict[str, Any]:
    return {"eventType": event_type, "playerTime": {"playhead": 0, "ts": NOW}, **members}


def _without(key: str) -> dict[str, Any]:
    body = _start()
    del body["params"][key]
    return body


AD = {"media.ad.id": "1", "media.ad.length": 15, "media.ad.podPosition": 1, "media.ad.playerName": "p"}
POD = {"media.ad.podIndex": 0, "media.ad.podSecond": 0}

# One request for each question: the path after /api/v1 ({sid} is an open session) and the body.
CASES: dict[str, tuple[str, Any]] = {
    "C-1": ("/sessions/{sid}/events", _event("ping")),
    "C-2": ("/sessions", _without("analytics.trackingServer")),
    "C-3": (
        "/sessions/{sid}/events",
        _event("adStart", params={k: v for k, v in AD.items() if k != "media.ad.playerName"}),
    ),
    "C-4": ("/sessions/{sid}/events", _event("adBreakStart", params={"media.ad.podIndex": 0})),
    "C-5": ("/sessions/{sid}/events", _event("adStart", params={**AD, "media.ad.podPosition": 0})),
    "C-6": ("/sessions/{sid}/events", _event("adBreakStart", params={**POD, "media.ad.podIndex": -1})),
    "C-7": ("/sessions/{sid}/events", _event("adStart", params={**AD, "media.ad.podFriendlyName": "pod"})),
    "C-8": ("/sessions", _start(media__contentType="vod")),
    "C-9": ("/sessions", _start(media__showType="7")),
    "C-10": ("/sessions/{sid}/events", _event("bitrateChange", params={"media.qoe.bitrate": 1_000_000})),
    "C-11": ("/sessions/{sid}/events", _event("bitrateChange", qoeData={"bitrate": 1_000_000})),
    "C-13": ("/sessions/{sid}/events", _event("sessionComplete")),
    "C-14": ("/sessions/{sid}/events", _event("error", params={"media.errorId": "1"})),
    "C-15": ("/sessions/{sid}/events", _event("bitrateChange", qoeData={"media.qoe.bitrate": 3200})),
    "C-16": ("/sessions/{sid}/events", _event("bitrateChange", qoeData={"media.qoe.framesPerSecond": 23.0})),
    "C-18": ("/sessions/{sid}/events", _event("statesUpdate", params={"statesStart": [{"media.state.name": "mute"}]})),
    "C-19": ("/sessions/{sid}/events", _event("stateStart", params={"media.state.name": "fullScreen"})),
    "C-20": ("/sessions", _start(media__downloaded=True)),
    "C-21": ("/sessions/{sid}/events", _event("ping", params={"media.name": "x"})),
    "C-22": ("/sessions/{sid}/events", _event("adBreakStart", params=POD, customMetadata={"a": "b"})),
    "C-23": ("/sessions/{sid}/events", {**_event("ping"), "playerTime": {"playhead": 99_999, "ts": NOW}}),
    "C-24": ("/sessions/{sid}/events", {**_event("ping"), "playerTime": {"playhead": 86_400, "ts": NOW}}),
    "C-25": ("/sessions/{sid}/events", _event("ping")),
    "C-27": ("/{sid}/events", _event("ping")),
    "C-29": ("/sessions", _start(media__streamType="anything")),
    "C-30": ("/sessions", _start(media__pass__auth=True)),
    "C-31": ("/sessions", _start(media__resume="TRUE")),
    "C-32": ("/sessions", _without("visitor.marketingCloudOrgId")),
    "C-33": ("/sessions", _start()),
    "C-38": ("/sessions", _start(media__sdkVersion="my app 4.2")),
    "C-39": ("/sessions", _start(media__publisher="us")),
    "C-40": ("/sessions", b'{"eventType":"sessionStart, params" {}}'),
    "C-41": ("/sessions", _start()),
    "C-42": ("/schemas/ping", _event("ping")),
}
ELSEWHERE = {
    "C-12": "tests of the contract: 410 and 404",
    "C-17": "tests of the validation: remote schemas",
    "C-26": "tests of the sandbox: no Content-Type",
    "C-28": "tests of the contract: the Location",
    "C-34": "tests of the contract: every endpoint",
    "C-35": "tests of the audit", "C-36": "tests of the audit", "C-37": "tests of the audit",
    "C-43": "tests of the contract: the Location",
    "C-44": "tests of the contract: both ways to end",
}  # fmt: skip


def test_every_contradiction_has_a_test() -> None:
    assert sorted(catalog.contradictions()) == sorted([*CASES, *ELSEWHERE])
    assert [f"C-{number}" for number in range(1, 45)] == list(catalog.contradictions())


@pytest.mark.parametrize("id_", CASES)
def test_sandbox_follows_interpretation(id_: str, sandbox: Sandbox) -> None:
    base = f"{sandbox.url}/api/v1"
    sid = requests.post(f"{base}/sessions", json=_start(), timeout=10).headers["Location"].split("/")[4]
    path, body = CASES[id_]
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = requests.post(base + path.replace("{sid}", sid), data=data, timeout=10)
    assert response.status_code == catalog.contradictions()[id_].response


@pytest.mark.parametrize("id_", [id_ for id_ in CASES if id_ not in ("C-20", "C-27", "C-42")])
def test_validation_follows_interpretation(id_: str) -> None:
    path, body = CASES[id_]
    verdict = validate(body, endpoint="events" if "{sid}" in path else "sessions", now_ms=NOW)
    assert bool(verdict.errors) == (catalog.contradictions()[id_].response == 400)


def test_table_has_question_reading_and_reason() -> None:
    frame = tables.contradictions()
    assert len(frame) == 44
    assert all(frame["question"].str.endswith("?"))
    assert all(frame[column].str.endswith(".").all() for column in ("reading", "why"))
    assert (frame["sources"].str.count(";") >= 1).mean() > 0.7
