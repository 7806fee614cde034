"""Presets: each contains what its name says, and has exactly the problems of its entry in presets.toml."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mctoolkit import Client, Sandbox, UsageError, validate
from mctoolkit.simulation import presets
from mctoolkit.spec import catalog
from tests.contract.test_sessions import SAMPLE

NOW_MS = 1_795_421_642_789
SECOND_OF_DAY = 8 * 3600 + 14 * 60 + 2
NAMES = list(presets.known())

REQUIRED = {
    "media.id",
    "media.length",
    "media.contentType",
    "media.playerName",
    "media.channel",
    "analytics.trackingServer",
    "analytics.reportSuite",
    "visitor.marketingCloudOrgId",
}


def body(name: str) -> dict[str, Any]:
    found = presets.preset(name, NOW_MS).value
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("name", [name for name in NAMES if name != "documentation"])
def test_preset_has_exactly_its_problems(name: str) -> None:
    verdict = validate(presets.preset(name, NOW_MS), endpoint="sessions", now_ms=NOW_MS)
    assert tuple(problem.rule for problem in verdict.problems) == presets.known()[name].rules
    assert verdict.ok


def test_only_minimal_and_documentation_have_problems() -> None:
    assert {name: found.rules for name, found in presets.known().items() if found.rules} == {
        "minimal": ("no-visitor",),
        "documentation": ("unknown-key",),
    }


def test_sandbox_accepts_all_but_documentation() -> None:
    with Sandbox() as sandbox, Client(sandbox) as client:
        responses = {
            name: client.start_session(presets.preset(name, NOW_MS), send_anyway=True).status for name in NAMES
        }
    assert responses == dict.fromkeys(NAMES, 201) | {"documentation": 400}


def test_every_preset_is_a_session_start_with_texts() -> None:
    for name, found in presets.known().items():
        assert presets.preset(name, NOW_MS).type == "sessionStart"
        assert all((found.label, found.help, found.source)), name


@pytest.mark.parametrize(
    ("name", "content_type", "length", "playhead"),
    [
        ("vod", "VOD", 60.39, 0),
        ("live", "Live", 86400, SECOND_OF_DAY),
        ("linear", "Linear", 86400, SECOND_OF_DAY),
        ("podcast", "podcast", 1860, 0),
        ("minimal", "VOD", 60.39, 0),
    ],
)
def test_content_type_length_and_playhead_match(name: str, content_type: str, length: float, playhead: int) -> None:
    event = presets.preset(name, NOW_MS)
    assert (event.params["media.contentType"], event.params["media.length"]) == (content_type, length)
    assert (event.playhead_s, event.ts_ms) == (playhead, NOW_MS)


def test_second_of_day_restarts_at_midnight() -> None:
    midnight = 1_795_392_000_000
    assert [presets.preset("live", midnight + ms).playhead_s for ms in (-1, 0, 999, 1000)] == [86399, 0, 0, 1]


def test_minimal_has_required_keys_only() -> None:
    assert set(body("minimal")) == {"playerTime", "eventType", "params"}
    assert set(body("minimal")["params"]) == REQUIRED
    assert set(body("minimal")["playerTime"]) == {"playhead", "ts"}


def test_full_has_every_key() -> None:
    found = body("full")
    for member in ("params", "qoeData"):
        assert list(found[member]) == [p.key for p in catalog.parameters_of("sessionStart") if p.member == member]
    assert found["customMetadata"] == {"myCustomData": "<your metadata>"}
    assert found["params"]["media.downloaded"] is False
    assert found["params"]["media.showType"] == "0"


def test_documentation_is_the_exact_sample() -> None:
    qoe = {"param1": "<your param-value>", "param2": "<your param-value>"}
    assert json.dumps(body("documentation")) == json.dumps({**SAMPLE, "qoeData": qoe})


def test_preset_returns_a_new_body() -> None:
    for name in NAMES:
        first = body(name)
        untouched = json.dumps(first)
        for member in first.values():
            if isinstance(member, dict):
                member.clear()
        assert json.dumps(body(name)) == untouched
    customer = body("full")["params"]["visitor.customerIDs"]
    customer.clear()
    assert body("full")["params"]["visitor.customerIDs"]


def test_time_stamp_is_now_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "7")
    assert presets.preset("vod").ts_ms == 1_795_421_642_000


@pytest.mark.parametrize(
    ("name", "message"),
    [("Live", "Did you mean 'live'"), ("film", "Choose one of: vod, live"), (None, "Choose one of: vod")],
)
def test_unknown_preset_suggests_nearest(name: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        presets.preset(name, NOW_MS)
