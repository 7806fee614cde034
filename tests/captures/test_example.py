"""The capture that comes with the notebooks is the one that its script makes, and as the notebook describes it."""

from __future__ import annotations

from collections import Counter

from mctoolkit import validate
from mctoolkit.captures import read_requests
from mctoolkit.models import masking
from tools import make_capture


def test_the_file_is_what_the_script_makes() -> None:
    assert make_capture.CAPTURE.read_bytes() == make_capture.to_bytes()
    assert make_capture.CAPTURE.stat().st_size < 300_000


def test_it_has_two_sessions_of_24_and_7_calls_among_214_requests() -> None:
    capture = read_requests(make_capture.CAPTURE)
    calls = list(capture)
    assert list(Counter(call.session_key for call in calls).values()) == [24, 7]
    assert capture.tally.summary == ("1 file, 214 requests: 31 to the Media Collection API, 183 others (not read).")
    assert capture.advice == ()
    assert [(call.number, call.event_type) for call in calls[:4]] == [
        (11, "sessionStart"),
        (12, "play"),
        (13, "adBreakStart"),
        (14, "adStart"),
    ]
    assert calls[2].ts_ms == calls[3].ts_ms
    assert [(call.when_ms or 0) for call in calls] == sorted((call.when_ms or 0) for call in calls)


def test_nobody_is_in_it_and_each_body_alone_is_right() -> None:
    for call in read_requests(make_capture.CAPTURE):
        assert masking.mask(call.value) == call.value
        assert masking.mask_host(call.url) == call.url
        assert validate(call.value, now_ms=call.when_ms).errors == ()
