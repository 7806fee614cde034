"""audit: from captures to text, HTML, tables and JSON."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mctoolkit import Client, Sandbox, audit, validation
from mctoolkit._core import json_io
from mctoolkit._core.errors import InputError
from mctoolkit.auditing.api import Audit
from mctoolkit.auditing.baseline import Baseline
from mctoolkit.auditing.rules import bodies
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.sandbox import request_log
from mctoolkit.validation.tracking_plan import TrackingPlan
from mctoolkit.validation.tracking_plan.rules import PlanRule
from tests.auditing.scripts import START, calls

FAULTY = "0 start; 0.5 play; 10 ping 9.5; 15 sessionEnd 14.5; 20 ping; 30 ping"
FINE = "0 start; 0.5 play; 10 ping 9.5; 15 sessionEnd 14.5"
HINT = "0 start; 0.5 play; 5 error 4.5; 10 ping 4.5"


def _log(file: Path, script: str) -> Path:
    lines = [
        json.dumps(
            {
                "at": call.at_ms,
                "url": f"https://{call.host}/api/v1/sessions"
                + ("" if call.endpoint == "sessions" else f"/{call.session_id}/events"),
                "status": call.status,
                "session": call.session_id,
                "body": call.value,
            }
        )
        for call in calls(script)
    ]
    file.write_text("\n".join(lines) + "\n")
    return file


def test_audit_log(tmp_path: Path) -> None:
    found = audit(_log(tmp_path / "web.ndjson", FAULTY))
    assert [(f.rule, f.level, f.entries, f.count, f.session_id, f.response) for f in found.findings] == [
        ("ping-after-end", "error", (5, 6), 2, "a", 204)
    ]
    assert (found.ok, found.exit_status) == (False, 1)
    [session] = found.sessions
    assert (session.events, session.lasted_ms, session.closed) == (6, 30_000, "end")
    assert (session.media_id, session.player, session.has_start) == ("programme-1", "player", True)


@pytest.mark.parametrize(("script", "status"), [(FINE, 0), (HINT, 0), (FAULTY, 1)])
def test_exit_status_is_that_of_most_severe_finding(script: str, status: int) -> None:
    assert audit(calls(script)).exit_status == status


def test_exit_status_without_audited_events_is_2(tmp_path: Path) -> None:
    har = {"log": {"entries": [{"request": {"method": "GET", "url": "https://example.com"}, "response": {}}]}}
    (tmp_path / "page.har").write_text(json.dumps(har))
    assert audit(tmp_path / "page.har").exit_status == 2
    good, bad = _log(tmp_path / "good.ndjson", FINE), tmp_path / "bad.chls"
    bad.write_bytes(b"\xac\xed")
    both = audit(good, bad)
    assert (both.exit_status, len(both.sessions)) == (2, 1)
    with pytest.raises(InputError, match="Charles"):
        audit(bad)
    without = [CapturedRequest(n, "events", None, None, n, "a", "a") for n in range(3)]
    for call in without:
        from mctoolkit.models.captured_request import NO_BODY

        call.value = NO_BODY
    assert audit(without).exit_status == 2


def test_groups_join_findings_of_all_sessions() -> None:
    both = [*calls(FAULTY), *calls(FAULTY)]
    for call in both[6:]:
        call.session_key = "b"
        if call.session_id:
            call.session_id = "b"
        call.number += 6
        call.at_ms = (call.at_ms or 0) + 600_000
        call.value["playerTime"]["ts"] += 600_000
    [group] = audit(both).groups
    assert (group.rule, group.sessions, group.count) == ("ping-after-end", 2, 4)
    assert "in 2 sessions" in group.where
    assert [finding.entries for finding in group.findings] == [(5, 6), (11, 12)]


def test_str_contains_summary_sessions_and_findings(tmp_path: Path) -> None:
    text = str(audit(_log(tmp_path / "web.ndjson", FAULTY)))
    for part in (
        "1 file, 6 requests: 6 to the Media Collection API. 1 session.",
        "Session",
        "2026-11-23 08:14:02",
        "00:30",
        "1 error",
        "1. Error: ping was sent after sessionEnd.",
        "Entries 5, 6",
        "204 (it does not check the order of events)",
        "In the reports: The pings are lost.",
        "Ask the player team: Stop the ping timer",
    ):
        assert part in text
    assert "in order" in str(audit(calls(FINE)))


def test_html_escapes_values_of_player() -> None:
    made = calls(FAULTY)
    made[0].value["params"] = {**START, "media.length": "<script>alert(1)</script>"}
    for call in made:
        call.session_id = call.session_key = "<img src=x>"
    page = audit(made)._repr_html_()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;img" in page


def test_json_contains_all_findings() -> None:
    found = json.loads(audit(calls(FAULTY)).to_json())
    assert found["findings"] == found["sessions"][0]["findings"]
    assert found["findings"][0]["session"] == "a"
    assert found["ok"] is False


def test_tables_have_documented_types() -> None:
    found = audit(calls(FAULTY))
    row = found.table.to_dict("index")[1]
    assert (row["rule"], row["entries"], row["count"]) == ("ping-after-end", "5, 6", 2)
    assert str(found.table["time"].dt.tz) == "UTC"
    assert found.session_table["verdict"].to_dict() == {"a": "1 error"}
    empty = audit(calls(FINE))
    assert empty.table.empty
    assert empty.table.dtypes.equals(found.table.dtypes)


def test_by_capture_counts_sessions_per_rule(tmp_path: Path) -> None:
    web, tv = _log(tmp_path / "web.ndjson", FAULTY), _log(tmp_path / "tv.ndjson", HINT)
    table = audit(web, tv).by_capture
    assert table.to_dict("index") == {
        "ping-after-end": {"level": "error", "web.ndjson": 1, "tv.ndjson": 0},
        "error-without-id": {"level": "hint", "web.ndjson": 0, "tv.ndjson": 1},
    }
    assert set(audit(web).by_capture) == {"level", "web.ndjson"}


def test_baseline_leaves_new_findings(tmp_path: Path) -> None:
    before = audit(calls(FAULTY))
    file = tmp_path / "accepted.json"
    Baseline.from_sessions(before.sessions).write(file)
    same = audit(calls(FAULTY), baseline=file)
    assert (same.ok, same.accepted, same.findings) == (True, 1, ())
    assert "1 finding is accepted" in same.summary
    for shown in (str(same), same._repr_html_()):
        assert "No new findings: 1 accepted finding is not shown." in shown
        assert "every session is in order" not in shown
    newer = audit(calls(f"{FAULTY}; 31 error errorID=x; 32 play"), baseline=str(file))
    assert [finding.rule for finding in newer.findings] == ["after-close"]
    fixed = audit(calls(FINE), baseline=file)
    assert fixed.resolved == ("ping-after-end",)
    assert "ping-after-end" in str(fixed)
    assert "ping-after-end" in fixed._repr_html_()


def test_tracking_plan_violation_is_warning() -> None:
    plan = TrackingPlan([PlanRule(7, "media.show", required=True), PlanRule(8, "media.show", pattern="x")], "plan.xlsx")
    [finding] = audit(calls(FINE), plan=plan).findings
    assert (finding.rule, finding.level, finding.entries) == ("tracking-plan", "warning", (1,))
    assert "row 7" in finding.source
    bad = calls(FINE)
    bad[0].value["params"] = {**START, "media.show": "y"}
    assert ["row 8" in f.source for f in audit(bad, plan=plan).findings] == [True]


def test_error_leaves_gc_threshold(tmp_path: Path) -> None:
    import gc

    before = gc.get_threshold()
    with pytest.raises(InputError):
        audit(tmp_path / "nothing.har")
    audit(calls(FINE))
    assert gc.get_threshold() == before


def test_empty_audit_is_displayed() -> None:
    from mctoolkit.captures import CaptureStats

    nothing = Audit((), CaptureStats(files=1))
    assert nothing.exit_status == 2
    assert nothing._repr_html_()
    assert str(nothing)
    body: dict[str, Any] = nothing.to_dict()
    assert body["findings"] == []


def test_audit_of_sandbox_validates_each_body_once(monkeypatch: pytest.MonkeyPatch) -> None:
    start, *events = (call.value for call in calls("0 start; 0.5 play; 10 ping 9.5"))
    events = [event | {"params": {"unknown": 1}} for event in events]  # with something to report, none is skipped
    validated, parsed = [], []

    def validate(thing: object, **options: Any) -> Any:
        validated.append(thing)
        return validation.validate(thing, **options)

    def read(data: Any) -> Any:
        parsed.append(bytes(data))
        return parse(data)

    with Sandbox() as sandbox, Client(sandbox) as client:
        session = client.start_session(start, send_anyway=True)
        for event in events:
            client.send_event(session, event, send_anyway=True)
        parse = json_io.read
        monkeypatch.setattr(json_io, "read", read)
        monkeypatch.setattr(bodies, "validate", validate)
        monkeypatch.setattr(request_log, "validate", validate)
        found = audit(sandbox)
        sent = sorted(entry.request_body for entry in sandbox.log.entries)
    assert sum(session.events for session in found.sessions) == len(sent) == 3
    assert sorted(parsed) == sent
    assert len(validated) == len(sent)


def _collector() -> tuple[object, ...]:
    return gc.get_threshold(), gc.isenabled(), gc.get_freeze_count(), gc.get_debug()


def test_audit_leaves_garbage_collector_unchanged(tmp_path: Path) -> None:
    before = _collector()
    audit(calls(FAULTY))
    assert _collector() == before
    for name in ("a.har", "b.har"):  # several files are read during the audit
        (tmp_path / name).write_bytes(b"\x00\x01 not a capture")
    with pytest.raises(InputError):
        audit(tmp_path / "a.har", tmp_path / "b.har")
    assert _collector() == before


def test_import_leaves_garbage_collector_unchanged() -> None:
    look = "(gc.get_threshold(), gc.isenabled(), gc.get_freeze_count(), gc.get_debug())"
    code = f"import gc; before = {look}; import mctoolkit; mctoolkit.audit; assert before == {look}"
    subprocess.run([sys.executable, "-c", code], check=True)
