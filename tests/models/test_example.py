"""example(): a valid, filled event for each event type."""

from __future__ import annotations

import pytest

from mctoolkit import Event, ManualClock, UsageError, example, validate
from mctoolkit._core import clocks
from mctoolkit.spec import catalog

NOW_MS = 1_795_421_642_000


@pytest.mark.parametrize("event_type", catalog.event_types())
def test_example_is_valid_without_hints(event_type: str) -> None:
    event = example(event_type, now_ms=NOW_MS)
    assert (event.type, event.ts_ms) == (event_type, NOW_MS)
    assert validate(event, now_ms=NOW_MS).problems == ()


def test_example_has_the_usual_keys() -> None:
    assert example("adStart").params["media.ad.name"] == "Ad 1"
    assert "media.ad.creativeId" not in example("adStart").params
    assert example("error").qoe_data["media.qoe.errorSource"] == "player"
    assert not example("ping").qoe_data
    assert not example("ping").params


def test_example_returns_a_new_event_each_time() -> None:
    first: Event = example("statesUpdate")
    first.value["params"]["statesStart"].clear()
    assert example("statesUpdate").params["statesStart"]


def test_example_unknown_type_suggests_nearest() -> None:
    with pytest.raises(UsageError, match=r"'adstrat'.*Did you mean 'adStart'\?"):
        example("adstrat")


def test_example_default_ts_is_the_current_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "default_clock", lambda: ManualClock(NOW_MS))
    assert example("ping").ts_ms == NOW_MS
