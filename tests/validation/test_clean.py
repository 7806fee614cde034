"""The fast path for minimal bodies, such as a ping, agrees with full validation."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mctoolkit._core import json_io
from mctoolkit.models.event import Event
from mctoolkit.spec import catalog
from mctoolkit.validation import _validate_in_full
from mctoolkit.validation.fast_path import is_clean

NOW = 1_795_421_642_000
_numbers = st.sampled_from(
    [0, -1, 0.0, -0.5, 86_399, 86_399.5, 86_400, 2**53, 2**53 + 1, 2**64, 1e300, True, "0", None]
)
_stamps = st.sampled_from(
    [NOW, 10**11, 10**11 - 1, NOW + 0.5, float(NOW), 2**53, 2**53 + 1, 2**63, -1, True, "1", None]
)
_bodies = st.fixed_dictionaries(
    {
        "eventType": st.sampled_from([*catalog.event_types(), "Ping", "", None, 3]),
        "playerTime": st.fixed_dictionaries({}, optional={"playhead": _numbers, "ts": _stamps, "x": _numbers}),
    }
)


@given(_bodies, st.booleans())
def test_clean_minimal_body_has_no_problems(body: dict[str, Any], written: bool) -> None:
    raw = json_io.write(body) if written else None
    if is_clean(body, raw, "events"):
        ts = body["playerTime"]["ts"]
        assert _validate_in_full(Event(body if raw is None else raw), "events", ts).problems == ()


@pytest.mark.parametrize("event_type", ["ping", "play", "sessionEnd", "adComplete"])
def test_common_events_are_clean(event_type: str) -> None:
    body = {"eventType": event_type, "playerTime": {"playhead": 9.5, "ts": NOW}}
    assert is_clean(body, json_io.write(body), "events")
    assert not is_clean(body, json_io.write(body), "sessions")
    assert not is_clean(body, b'{"eventType":"ping","eventType":"ping","playerTime":{"playhead":9.5,"ts":1}}', "events")
