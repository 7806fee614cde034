"""The catalog agrees with an independent transcription of the documentation: documented.csv and the lists below."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from mctoolkit._core.errors import UsageError
from mctoolkit.spec import catalog

DOCUMENTED = {
    row["key"]: row
    for row in csv.DictReader(Path(__file__).with_name("documented.csv").read_text(encoding="utf-8").splitlines())
}

SESSION_REQUIRED = {
    "analytics.trackingServer",
    "analytics.reportSuite",
    "visitor.marketingCloudOrgId",
    "media.id",
    "media.length",
    "media.contentType",
    "media.playerName",
    "media.channel",
}

DEMO = {
    "playerTime.playhead": 0,
    "media.id": "demo-episode-1",
    "media.length": 60.39,
    "media.contentType": "VOD",
    "media.playerName": "demo-html5",
    "media.channel": "demo-channel",
    "analytics.trackingServer": "demo.sc.omtrdc.net",
    "analytics.reportSuite": "demo-test",
    "visitor.marketingCloudOrgId": "000000000000000000000000@AdobeOrg",
    "analytics.visitorId": "demo-visitor-1",
}

IDENTIFIERS = {
    "analytics.visitorId": "person",
    "analytics.aid": "person",
    "visitor.marketingCloudUserId": "person",
    "visitor.customerIDs": "person",
    "appInstallationId": "person",
    "analytics.reportSuite": "tenant",
    "analytics.trackingServer": "tenant",
    "visitor.marketingCloudOrgId": "tenant",
}

EVENTS = {
    "sessionStart": ("sessions", "required", True),
    "play": ("events", "optional", False),
    "ping": ("events", "empty", False),
    "pauseStart": ("events", "optional", False),
    "bufferStart": ("events", "optional", False),
    "bitrateChange": ("events", "optional", False),
    "error": ("events", "optional", False),
    "adBreakStart": ("events", "required", False),
    "adBreakComplete": ("events", "optional", False),
    "adStart": ("events", "required", True),
    "adComplete": ("events", "optional", False),
    "adSkip": ("events", "optional", False),
    "chapterStart": ("events", "required", True),
    "chapterComplete": ("events", "optional", False),
    "chapterSkip": ("events", "optional", False),
    "stateStart": ("events", "required", False),
    "stateEnd": ("events", "required", False),
    "statesUpdate": ("events", "required", False),
    "sessionComplete": ("events", "optional", False),
    "sessionEnd": ("events", "optional", False),
}

CLOSED = {"media.showType": {"0", "1", "2", "3"}, "media.streamType": {"video", "audio"}}


def test_keys_are_documented_keys() -> None:
    assert set(catalog.parameters()) == set(DOCUMENTED)


@pytest.mark.parametrize("key", DOCUMENTED)
def test_key_agrees_with_documentation(key: str) -> None:
    row, known = DOCUMENTED[key], catalog.parameters()[key]
    assert known.type == row["type"]
    assert set(known.set_on) == _names(row["set_on"])
    assert set(known.required_on) == _names(row["required"])
    assert (known.unit or "") == row["unit"]


def _names(text: str) -> set[str]:
    return set() if text == "none" else set(text.split())


def test_required_keys_of_session_start() -> None:
    required = {p.key for p in catalog.parameters_of("sessionStart", "params") if p.required("sessionStart")}
    assert required == SESSION_REQUIRED


def test_demo_values() -> None:
    assert {p.key: p.demo for p in catalog.parameters().values() if p.demo is not None} == DEMO


def test_identifiers() -> None:
    assert {p.key: p.identifies for p in catalog.parameters().values() if p.identifies} == IDENTIFIERS


def test_range_of_ts() -> None:
    ts = catalog.parameter("playerTime.ts")
    assert (ts.minimum, ts.maximum) == (0, 2**63 - 1)


def test_event_types() -> None:
    assert {e.name: (e.endpoint, e.params, e.custom_metadata) for e in catalog.event_types().values()} == EVENTS
    assert set(catalog.parameter("eventType").values) == set(EVENTS)
    assert catalog.parameter("eventType").closed


@pytest.mark.parametrize("key", CLOSED)
def test_known_values(key: str) -> None:
    assert CLOSED[key] <= set(catalog.parameter(key).values)
    assert not catalog.parameter(key).closed


@pytest.mark.parametrize("known", catalog.parameters().values(), ids=lambda p: p.key)
def test_key_has_label_help_source_and_example(known: catalog.Parameter) -> None:
    assert 2 < len(known.label) < 40
    assert 10 < len(known.help) < 170
    assert known.source
    if known.status == "current":
        assert _json_type(known.example) in (known.type, {"number": "integer"}.get(known.type))


def _json_type(value: object) -> str:
    names = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object", list: "array"}
    return names[type(value)]


def test_labels_are_unique() -> None:
    labels = [p.label for p in catalog.parameters().values()]
    assert len(labels) == len(set(labels))


RESPONSES = {
    "sessions": {
        201: ("Created", "accepted"),
        400: ("Bad Request", "refused"),
        500: ("Internal Server Error", "failed"),
    },
    "events": {
        204: ("No Content", "accepted"),
        400: ("Bad Request", "refused"),
        404: ("Not Found", "refused"),
        410: ("Gone", "refused"),
        500: ("Internal Server Error", "failed"),
    },
    "schemas": {200: ("OK", "accepted"), 404: ("Not Found", "refused")},
    "downloaded": {
        201: ("Created", "accepted"),
        400: ("Bad Request", "refused"),
        500: ("Internal Server Error", "failed"),
    },
    "preflight": {204: ("No Content", "accepted")},
}

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "OPTIONS,POST,PUT",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Expose-Headers": "Location",
}


@pytest.mark.parametrize("endpoint", RESPONSES)
def test_documented_responses(endpoint: str) -> None:
    assert {s: (a.reason, a.outcome) for s, a in catalog.responses(endpoint).items()} == RESPONSES[endpoint]
    for response in catalog.responses(endpoint).values():
        assert response.short
        assert response.meaning
        assert response.next_step
        assert response.source
        assert CORS.items() <= {h.name: h.sample for h in response.headers}.items()
        assert all(h.help for h in response.headers)


def test_headers_that_clients_rely_on() -> None:
    created = catalog.response("sessions", 201)
    assert created is not None
    assert {h.name for h in created.headers if h.relied_on} == {"Location", *CORS}


def test_misspellings_lead_to_existing_keys() -> None:
    for misspelling in catalog.misspellings().values():
        assert misspelling.why
        known = catalog.parameters().get(misspelling.key)
        assert known is None or known.status == "historic"
        if misspelling.meant is not None:
            assert catalog.parameter(misspelling.meant).status == "current"


@pytest.mark.parametrize(
    ("misspelling", "meant"),
    [
        ("media.channelName", "media.channel"),
        ("bitrate", "media.qoe.bitrate"),
        ("media.errorId", "media.qoe.errorID"),
        ("media.errorSource", "media.qoe.errorSource"),
        ("media.qoe.bitrateChange", None),
        ("media.uniqueTimePlayed", None),
    ],
)
def test_common_misspellings(misspelling: str, meant: str | None) -> None:
    assert catalog.misspellings()[misspelling].meant == meant


def test_rule_has_level_source_and_messages() -> None:
    for rule in catalog.rules().values():
        assert rule.level in ("error", "hint")
        assert rule.source
        assert rule.messages


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("medai.id", "media.id"),
        ("media.lenght", "media.length"),
        ("MEDIA.CHANNEL", "media.channel"),
        ("zork", None),
    ],
)
def test_nearest(typo: str, meant: str | None) -> None:
    assert catalog.nearest(typo, catalog.parameters()) == meant


def test_unknown_name_raises_with_suggestion() -> None:
    with pytest.raises(UsageError, match=r"Did you mean 'media\.id'"):
        catalog.parameter("medai.id")
    with pytest.raises(UsageError, match="Did you mean 'sessionStart'"):
        catalog.event_type("sessionstart")
    with pytest.raises(UsageError, match="no rule"):
        catalog.rule("nothing")


def test_search_finds_keys_by_label_and_help() -> None:
    assert "media.episode" in {p.key for p in catalog.search("episode")}
    assert catalog.search("zork") == ()
