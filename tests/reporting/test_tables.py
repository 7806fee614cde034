"""Tables: their columns and types are part of the public interface."""

from __future__ import annotations

import pandas as pd

from mctoolkit import ManualClock, Sandbox, seeded_ids, validate
from mctoolkit.client.client import Client
from mctoolkit.reporting import tables
from mctoolkit.spec import catalog
from tests.validation.test_validate import GOOD, NOW_MS, changed

RESPONSE_TYPES = {
    "time": "datetime64[ms, UTC]",
    "host": "string",
    "response": "Int64",
    "meaning": "string",
    "session_id": "string",
    "problems": "int64",
    "media_id": "string",
    "elapsed_ms": "float64",
}


def _types(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(kind) for name, kind in frame.dtypes.items()}


def test_empty_responses_keep_columns_and_types() -> None:
    frame = tables.responses([])
    assert _types(frame) == RESPONSE_TYPES
    assert frame.index.name == "no"


def test_responses_have_one_row_per_exchange() -> None:
    with Sandbox(clock=ManualClock(NOW_MS), ids=seeded_ids(7)) as sandbox:
        client = Client(sandbox, clock=ManualClock(NOW_MS, step_ms=4))
        sent = [client.start_session(GOOD), client.start_session(changed(("params/media.id", 7)), send_anyway=True)]
    frame = tables.responses(sent)
    assert _types(frame) == RESPONSE_TYPES
    assert frame.index.tolist() == [1, 2]
    assert frame["response"].tolist() == [201, 400]
    assert frame["session_id"].tolist()[0] == seeded_ids(7)()
    assert frame["session_id"].isna().tolist() == [False, True]
    assert frame["problems"].tolist() == [0, 1]
    assert frame["media_id"].tolist() == ["demo-episode-1", "7"]
    assert frame["time"].dt.strftime("%Y-%m-%d %H:%M:%S").tolist() == ["2017-10-26 19:16:40"] * 2
    assert frame["host"].tolist() == ["sandbox"] * 2


def test_problems_have_one_row_per_problem() -> None:
    frame = tables.problems(validate(changed(("params/media.length", "60")), now_ms=NOW_MS))
    assert frame.iloc[0].to_dict() == {
        "level": "error",
        "where": 'params["media.length"]',
        "message": '"60" is in quotes, so it is text. The API expects a number.',
        "fix": "Make it 60",
        "rule": "type",
        "source": catalog.rule("type").source,
    }
    assert len(tables.problems(validate(GOOD, now_ms=NOW_MS))) == 0


def test_headers_have_their_documented_meaning() -> None:
    with Sandbox() as sandbox, Client(sandbox) as client:
        frame = tables.headers(client.start_session(GOOD))
    documented = catalog.response("sessions", 201)
    assert documented is not None
    assert frame["header"].tolist() == [header.name for header in documented.headers]
    assert frame["meaning"].tolist() == [header.help for header in documented.headers]


def test_parameters_list_the_keys_of_the_member() -> None:
    frame = tables.parameters("sessionStart", "params")
    assert frame.index.tolist() == [p.key for p in catalog.parameters_of("sessionStart", "params")]
    assert (frame["required"] == "required").sum() == 8


def test_documented_responses_list_every_status() -> None:
    assert tables.documented_responses("events").index.tolist() == [204, 400, 404, 410, 500]
