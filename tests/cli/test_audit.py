"""mctoolkit audit: exit statuses and reports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from mctoolkit.captures import Capture
from mctoolkit.cli import checking
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.spec import session_rules
from tests.auditing.test_api import FAULTY, FINE, HINT, _log
from tests.cli.test_main import no_traceback, run


@pytest.mark.parametrize(("script", "status"), [(FINE, 0), (HINT, 0), (FAULTY, 1)])
def test_audit_exit_status(script: str, status: int, tmp_path: Path) -> None:
    done = run("audit", str(_log(tmp_path / "web.ndjson", script)))
    assert done.returncode == status, done.stderr
    assert b"1 session." in done.stdout


def test_audit_writes_reports(tmp_path: Path) -> None:
    log = _log(tmp_path / "web.ndjson", FAULTY)
    html, junit = tmp_path / "report.html", tmp_path / "junit.xml"
    done = run("audit", str(log), "--json", "--html", str(html), "--junit", str(junit))
    assert done.returncode == 1
    [finding] = json.loads(done.stdout)["findings"]
    assert (finding["rule"], finding["level"], finding["session"]) == ("ping-after-end", "error", "a")
    assert finding["entries"] == [5, 6]
    assert "ping-after-end" in html.read_text(encoding="utf-8")
    assert "ping-after-end" in junit.read_text(encoding="utf-8")


def test_baseline_is_written_and_applied(tmp_path: Path) -> None:
    log, accepted = str(_log(tmp_path / "web.ndjson", FAULTY)), str(tmp_path / "accepted.json")
    assert run("audit", log, "--write-baseline", accepted).returncode == 0
    second = run("audit", log, "--baseline", accepted)
    assert second.returncode == 0
    assert b"No new findings: 1 accepted finding is not shown." in second.stdout
    assert run("audit", log).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.har"], b"There is no file"),
        (["web.ndjson", "--baseline", "nothing.json"], b"Cannot read the baseline"),
        (["web.ndjson", "--html", "no/folder.html"], b"Cannot write"),
        (["empty.har"], b"empty"),
    ],
)
def test_unreadable_capture_is_reported(arguments: list[str], message: bytes, tmp_path: Path) -> None:
    _log(tmp_path / "web.ndjson", FINE)
    (tmp_path / "empty.har").write_bytes(b"")
    done = run("audit", *(each if each.startswith("--") else str(tmp_path / each) for each in arguments))
    assert done.returncode == 2
    assert message in done.stderr
    assert no_traceback(done)


def test_rules_are_sorted_by_id() -> None:
    listed = [line.split()[0] for line in run("rules").stdout.decode().splitlines()]
    assert listed == sorted(session_rules.rules())


@pytest.mark.parametrize(("most", "reads"), [(6, 1), (5, 2)])
def test_report_reads_a_small_capture_once(
    most: int, reads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Capture] = []
    iterate = Capture.__iter__

    def counted(capture: Capture) -> Iterator[CapturedRequest]:
        read.append(capture)
        return iterate(capture)

    monkeypatch.setattr(Capture, "__iter__", counted)
    monkeypatch.setattr(checking, "_MAX_REQUESTS_IN_MEMORY", most)
    html = tmp_path / "report.html"
    with pytest.raises(typer.Exit):
        checking.audit([str(_log(tmp_path / "web.ndjson", FAULTY))], html=html)
    assert len(read) == reads
    assert "<svg" in html.read_text(encoding="utf-8")
