"""Validate one ``sessionStart``, compared with JSON schema validators.

The body is the sample of the documentation with real keys in ``qoeData`` instead of placeholders: once with the current
time, which has no problems, and once with its time stamp of 2017, which has a hint. The peers return a boolean;
mctoolkit returns a Verdict with fixes and hints.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import jsonschema
import jsonschema_rs
import orjson

from benchmarks import Goal, Row, in_turns
from mctoolkit import validate
from mctoolkit._core import clocks
from mctoolkit.spec import schemas

SAMPLE: dict[str, Any] = {
    "playerTime": {"playhead": 0, "ts": 1509045324153},
    "eventType": "sessionStart",
    "params": {
        "media.playerName": "sample-html5-api-player",
        "analytics.trackingServer": "<your-aa-tracking-server>",
        "analytics.reportSuite": "<your-aa-rsid>",
        "analytics.visitorId": "<your-userId>",
        "media.contentType": "VOD",
        "media.length": 60.39333333333333,
        "media.id": "MA API Sample Player",
        "visitor.marketingCloudOrgId": "<your-org-id>",
        "media.name": "ClickMe",
        "media.channel": "sample-channel",
        "media.sdkVersion": "va-api-0.0.0",
        "analytics.enableSSL": False,
    },
    "customMetadata": {"myCustomData": "<your metadata>", "myCustomData2": "<your metadata>"},
    "qoeData": {"media.qoe.bitrate": 2000000, "media.qoe.droppedFrames": 4},
}


def rows() -> Iterator[Row]:
    """Yield the rows."""
    schema = schemas.schema("sessionStart")
    bare, reference = jsonschema_rs.Draft4Validator(schema), jsonschema.Draft4Validator(schema)
    now_ms = clocks.default_clock().now_ms()
    current_sample: dict[str, Any] = copy.deepcopy(SAMPLE)
    current_sample["playerTime"]["ts"] = now_ms
    for which, body in (("current sample", current_sample), ("sample of 2017, with its hint", SAMPLE)):
        data = json.dumps(body).encode()
        ours = partial(validate, body)
        plain = partial(bare.is_valid, body)
        yield in_turns(f"{which}, a dict", ours, "jsonschema-rs is_valid", plain, Goal(5))
        ours_with_time = partial(validate, body, now_ms=now_ms)
        yield in_turns(f"{which}, a dict, time given", ours_with_time, "jsonschema-rs is_valid", plain)
        slow = partial(reference.is_valid, body)
        yield in_turns(f"{which}, a dict", ours, "jsonschema is_valid", slow, Goal(20, at_least=True))
        both = partial(_read_and_check, bare, data)
        yield in_turns(f"{which}, bytes", partial(validate, data), "orjson, jsonschema-rs", both, Goal(5))


def _read_and_check(bare: jsonschema_rs.Draft4Validator, data: bytes) -> bool:
    return bare.is_valid(orjson.loads(data))
