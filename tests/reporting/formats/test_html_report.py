"""The report of one file: it says everything, needs nothing, and lets nothing through."""

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
from mctoolkit.reporting.formats.html_assets import SCRIPT
from mctoolkit.reporting.formats.html_report import html_report
from tests.models.session.viewing import TIMELINE_1, calls

FAULTY = "0 0 sessionStart\n0 0 play\n5 5 adStart\n8 5 adComplete\n10 7 sessionEnd\n11 7 ping"

NOTHING = (
    b'{"log": {"version": "1.2", "creator": {}, "entries": [{"request": {"method": "GET", "url": "https://x/"}}]}}'
)


def report(*found: list[CapturedRequest], pictures: bool = True) -> tuple[Audit, str]:
    every = [call for one in found for call in one]
    judged = audit(every)
    return judged, html_report(judged, every if pictures else ())


class Reader(HTMLParser):
    """Collects tags that stay open, ids, and every address that a page asks for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "link", "img", "input"):
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "action", "data", "poster", "xlink:href"):
                self.addresses.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_it_needs_nothing_else() -> None:
    _, page = report(calls(TIMELINE_1), calls(FAULTY, key="b", first=50))
    reader = Reader(page)
    assert reader.open == []
    assert len(reader.ids) == len(set(reader.ids))
    assert all(address.startswith("#") and address[1:] in reader.ids for address in reader.addresses)
    assert not re.search(r"@import|url\((?!#)", page)


def test_its_policy_allows_its_own_script_and_nothing_more() -> None:
    _, page = report(calls(FAULTY))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert policy[1].startswith("default-src 'none';")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert scripts == [SCRIPT]
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy[1]
    assert not re.search(r"\son\w+=", page)


def test_every_finding_stands_in_it_with_its_effect_what_to_ask_and_its_ticket() -> None:
    judged, page = report(calls(TIMELINE_1), calls(FAULTY, key="b", first=50))
    text = Reader(page).text
    assert judged.findings
    for finding in judged.findings:
        for said in (finding.message, finding.effect, finding.ask, finding.where, finding.source):
            assert said in text
    for number, group in enumerate(judged.groups, 1):
        assert f'id="finding-{number}"' in page
        assert group.first.ticket() in text
    for session in judged.sessions:
        assert session.verdict in text


def test_the_numbers_in_the_pictures_are_those_of_the_findings() -> None:
    judged, page = report(calls(FAULTY))
    marks = re.findall(r'text-anchor: middle; fill: [^"]*" x="[\d.]+" y="[\d.]+">(\d+)<', page)
    assert {int(mark) for mark in marks} == set(range(1, len(judged.groups) + 1))


def test_without_the_calls_it_has_no_pictures_and_no_link_to_one() -> None:
    _, page = report(calls(FAULTY), pictures=False)
    assert "<svg" not in page
    assert "#session-" not in page


def test_what_could_not_be_read_or_judged_is_named() -> None:
    cut = calls("0 5 ping\n10 15 ping", key="cut")
    _, page = report(cut)
    text = Reader(page).text
    assert (
        "{session}: its beginning is not in the capture, so some rules could not be applied.".format(session="cut")
        in text
    )
    assert (
        "{session}: it was still going on when the capture ended. That is no fault of the player.".format(session="cut")
        in text
    )
    lines = b'{"eventType": "ping"}\n{"one\n{"two\n{"eventType": "ping"}\n'
    judged = audit(lines)
    text = Reader(html_report(judged)).text
    assert len(judged.tally.unreadable_entries) == 2
    for said in (*judged.advice, *map(str, judged.tally.unreadable_entries)):
        assert said in text


def test_an_audit_without_a_session_says_so() -> None:
    judged = audit(NOTHING)
    page = html_report(judged)
    text = Reader(page).text
    assert "There was no session to judge." in text
    assert "Nothing: every session is in order." not in text


def test_identifiers_and_hosts_of_tenants_are_hidden() -> None:
    start: dict[str, Any] = {
        "media.id": "acme.hb-api.omtrdc.net/5",
        "analytics.reportSuite": "acme-prod",
        "analytics.trackingServer": "acme.hb.omtrdc.net",
        "visitor.marketingCloudUserId": 30250119120196331721,
        "visitor.marketingCloudOrgId": "acmeorg",
    }
    body = {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 1509045324153}, "params": start}
    url = "https://acme.hb.omtrdc.net/api/v1/sessions"
    call = CapturedRequest(
        1, "sessions", body, session_id="a", session_key="a", status=201, host="acme.hb.omtrdc.net", url=url
    )
    _, page = report([call])
    assert "acme" not in page
    assert "30250119120196331721" not in page


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img/src=x>', "</pre></style>", "\ud800\x00"])
def test_what_a_player_sends_cannot_break_out(hostile: str) -> None:
    body = {
        "eventType": "sessionStart",
        "playerTime": {"playhead": 0, "ts": 1509045324153},
        "params": {"media.id": hostile, "media.name": hostile, "media.playerName": hostile, hostile: 1},
    }
    made = [
        CapturedRequest(1, "sessions", body, session_id=hostile, session_key=hostile, status=201, source=hostile),
        CapturedRequest(
            2, "events", {**body, "eventType": hostile}, session_id=hostile, session_key=hostile, source=hostile
        ),
    ]
    _, page = report(made)
    page.encode("utf-8")
    reader = Reader(page)
    assert reader.open == []
    assert page.count("<script") == 1
    assert page.count("<style") == 3
    assert "<img" not in page


def test_a_thousand_sessions_make_a_page_of_bounded_size() -> None:
    every = [call for n in range(1000) for call in calls(FAULTY, key=f"s{n}", first=n * 10 + 1)]
    judged = audit(every)
    page = html_report(judged, every)
    assert page.count('role="img"') == 40
    assert f"{980} more sessions have no picture here; those with findings come first." in page
    assert f"... and {800} more sessions without problems, not listed here." in page
    assert len(page) < 2_000_000


def test_the_same_audit_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mctoolkit._core.clocks.SEED", "2026")  # the page says when it was made
    assert report(calls(FAULTY))[1] == report(calls(FAULTY))[1]


def test_a_capture_that_is_read_twice_gives_its_pictures() -> None:
    lines = b"\n".join(call.body or b"" for call in calls(FAULTY))
    page = html_report(audit(lines), read_requests(lines))
    assert "<svg" in page
