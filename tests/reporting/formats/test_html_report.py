"""to_html_report: complete, self-contained, and safe against hostile values."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from mctoolkit import audit
from mctoolkit.auditing.api import Audit
from mctoolkit.captures import read_requests
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.reporting.formats import to_html_report
from mctoolkit.reporting.formats.html_assets import SCRIPT
from tests.models.session.viewing import TIMELINE_1, calls

FAULTY = "0 0 sessionStart\n0 0 play\n5 5 adStart\n8 5 adComplete\n10 7 sessionEnd\n11 7 ping"

NO_SESSION = (
    b'{"log": {"version": "1.2", "creator": {}, "entries": [{"request": {"method": "GET", "url": "https://x/"}}]}}'
)


def report(*captures: list[CapturedRequest], with_timelines: bool = True) -> tuple[Audit, str]:
    requests = [request for capture in captures for request in capture]
    found = audit(requests)
    return found, to_html_report(found, requests if with_timelines else ())


class Reader(HTMLParser):
    """Collects open tags, ids, text, and every URL that a page refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.urls: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "link", "img", "input"):
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "action", "data", "poster", "xlink:href"):
                self.urls.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_page_refers_only_to_itself() -> None:
    _, page = report(calls(TIMELINE_1), calls(FAULTY, key="b", first=50))
    reader = Reader(page)
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    assert all(url.startswith("#") and url[1:] in reader.ids for url in reader.urls)
    assert not re.search(r"@import|url\((?!#)", page)


def test_content_security_policy_allows_only_its_script() -> None:
    _, page = report(calls(FAULTY))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert policy[1].startswith("default-src 'none';")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert scripts == [SCRIPT]
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy[1]
    assert not re.search(r"\son\w+=", page)


def test_page_contains_every_finding_and_ticket() -> None:
    found, page = report(calls(TIMELINE_1), calls(FAULTY, key="b", first=50))
    text = Reader(page).text
    assert found.findings
    for finding in found.findings:
        for expected in (finding.message, finding.effect, finding.ask, finding.where, finding.source):
            assert expected in text
    for number, group in enumerate(found.groups, 1):
        assert f'id="finding-{number}"' in page
        assert group.first.ticket() in text
    for session in found.sessions:
        assert session.verdict in text


def test_timelines_use_the_numbers_of_the_findings() -> None:
    found, page = report(calls(FAULTY))
    marks = re.findall(r'text-anchor: middle; fill: [^"]*" x="[\d.]+" y="[\d.]+">(\d+)<', page)
    assert {int(mark) for mark in marks} == set(range(1, len(found.groups) + 1))


def test_page_without_requests_has_no_timelines() -> None:
    _, page = report(calls(FAULTY), with_timelines=False)
    assert "<svg" not in page
    assert "#session-" not in page


def test_page_lists_what_was_not_read_or_incomplete() -> None:
    cut = calls("0 5 ping\n10 15 ping", key="cut")
    _, page = report(cut)
    text = Reader(page).text
    assert "cut: its start is not in the capture, so some rules were not applied." in text
    assert "cut: the capture ends before the session does. This is not an error of the player." in text
    lines = b'{"eventType": "ping"}\n{"one\n{"two\n{"eventType": "ping"}\n'
    found = audit(lines)
    text = Reader(to_html_report(found)).text
    assert len(found.stats.unreadable_entries) == 2
    for expected in (*found.advice, *map(str, found.stats.unreadable_entries)):
        assert expected in text


def test_capture_without_session_is_reported() -> None:
    found = audit(NO_SESSION)
    page = to_html_report(found)
    text = Reader(page).text
    assert "The capture contains no session." in text
    assert "Every session is in order." not in text


def test_identifiers_and_company_hosts_are_hidden() -> None:
    start: dict[str, Any] = {
        "media.id": "acme.hb-api.omtrdc.net/5",
        "analytics.reportSuite": "acme-prod",
        "analytics.trackingServer": "acme.hb.omtrdc.net",
        "visitor.marketingCloudUserId": 30250119120196331721,
        "visitor.marketingCloudOrgId": "acmeorg",
    }
    body = {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 1509045324153}, "params": start}
    url = "https://acme.hb.omtrdc.net/api/v1/sessions"
    request = CapturedRequest(
        1, "sessions", body, session_id="a", session_key="a", status=201, host="acme.hb.omtrdc.net", url=url
    )
    _, page = report([request])
    assert "acme" not in page
    assert "30250119120196331721" not in page


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img/src=x>', "</pre></style>", "\ud800\x00"])
def test_hostile_text_is_escaped(hostile: str) -> None:
    body = {
        "eventType": "sessionStart",
        "playerTime": {"playhead": 0, "ts": 1509045324153},
        "params": {"media.id": hostile, "media.name": hostile, "media.playerName": hostile, hostile: 1},
    }
    requests = [
        CapturedRequest(1, "sessions", body, session_id=hostile, session_key=hostile, status=201, source=hostile),
        CapturedRequest(
            2, "events", {**body, "eventType": hostile}, session_id=hostile, session_key=hostile, source=hostile
        ),
    ]
    _, page = report(requests)
    page.encode("utf-8")
    reader = Reader(page)
    assert reader.open == []
    assert page.count("<script") == 1
    assert page.count("<style") == 3
    assert "<img" not in page


def test_thousand_sessions_give_a_bounded_page() -> None:
    requests = [each for n in range(1000) for each in calls(FAULTY, key=f"s{n}", first=n * 10 + 1)]
    found = audit(requests)
    page = to_html_report(found, requests)
    assert page.count('role="img"') == 40
    assert "980 more sessions have no timeline here; sessions with findings come first." in page
    assert "800 more sessions are not listed; sessions with problems come first." in page
    assert len(page) < 2_000_000


def test_same_audit_gives_the_same_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "2026")  # fixes the date on the page
    assert report(calls(FAULTY))[1] == report(calls(FAULTY))[1]


def test_requests_can_come_from_a_second_reading() -> None:
    lines = b"\n".join(call.body or b"" for call in calls(FAULTY))
    page = to_html_report(audit(lines), read_requests(lines))
    assert "<svg" in page
