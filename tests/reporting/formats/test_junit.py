"""to_junit: XML that CI systems accept, with failures for errors and warnings only."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from mctoolkit import audit
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.reporting.formats import to_junit
from tests.models.session.viewing import calls

FAULTY = "0 0 sessionStart\n0 0 play\n5 5 adStart\n8 5 adComplete\n10 7 sessionEnd\n11 7 ping"

NO_SESSION = (
    b'{"log": {"version": "1.2", "creator": {}, "entries": [{"request": {"method": "GET", "url": "https://x/"}}]}}'
)

# What Jenkins, GitLab, GitHub Actions and Azure accept: element, required attributes, optional attributes, children.
SCHEMA: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"name"}, {"tests", "failures", "errors", "time"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors"}, {"skipped", "time", "timestamp"}, {"testcase"}),
    "testcase": ({"name", "classname"}, {"time"}, {"failure", "error", "skipped", "system-out"}),
    "failure": (set(), {"message", "type"}, set()),
    "error": (set(), {"message", "type"}, set()),
    "system-out": (set(), set(), set()),
}


def _read(xml: str) -> Element:
    assert xml.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    root = ElementTree.fromstring(xml.encode("utf-8"))
    for node in root.iter():
        required, optional, children = SCHEMA[node.tag]
        assert required <= set(node.attrib) <= required | optional
        assert {child.tag for child in node} <= children
        if node.tag == "testcase":
            assert len(node) <= 1
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.attrib["tests"]) == len(cases) > 0
        for name, tag in (("failures", "failure"), ("errors", "error")):
            assert int(suite.attrib[name]) == len(suite.findall(f"testcase/{tag}"))
        if "timestamp" in suite.attrib:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.attrib["timestamp"])
    for name in ("tests", "failures", "errors"):
        assert int(root.attrib[name]) == sum(int(suite.attrib[name]) for suite in root)
    return root


def test_errors_are_failures_and_hints_are_not() -> None:
    found = audit(calls(FAULTY))
    suite = _read(to_junit(found))[0]
    assert suite.attrib["name"] == "7f3a"
    assert suite.attrib["timestamp"] == "2017-10-26T19:15:24"
    cases = {case.attrib["name"]: case for case in suite}
    assert {finding.is_problem for finding in found.findings} == {True, False}
    for finding in found.findings:
        case = cases[f"{finding.rule} {finding.place}".rstrip()]
        failure, output = case.find("failure"), case.find("system-out")
        if finding.is_problem:
            assert failure is not None
            assert output is None
            assert failure.attrib == {"type": finding.level, "message": finding.message}
            assert failure.text == finding.ticket()
        else:
            assert failure is None
            assert output is not None
            assert output.text == finding.ticket()
    assert len(cases) == len(found.findings)


def test_session_in_order_has_a_passing_case() -> None:
    found = audit(calls("0 5 ping\n10 15 ping", key="cut"))
    assert found.sessions[0].ok
    root = _read(to_junit(found))
    assert root.attrib["failures"] == "0"
    assert root[0][-1].attrib["name"] == "all rules"
    assert len(root[0][-1]) == 0


def test_capture_without_session_is_an_error() -> None:
    found = audit(NO_SESSION)
    root = _read(to_junit(found))
    error = root.find("testsuite/testcase/error")
    assert error is not None
    assert error.text is not None
    assert found.summary in error.text
    assert root.attrib["errors"] == "1"


@pytest.mark.parametrize("hostile", ["<x>&\"'", "]]>", "a\x00\x1b\ud800\ufffe", "日本語 \U0001f3ac\u200d"])
def test_hostile_text_stays_text(hostile: str) -> None:
    body = {"eventType": hostile, "playerTime": {"playhead": 0, "ts": 1509045324153}, "params": {hostile: 1}}
    requests = [CapturedRequest(1, "events", body, session_id=hostile, session_key=hostile, source=hostile)]
    root = _read(to_junit(audit(requests)))
    name = root[0].attrib["name"]
    if hostile.isprintable() or "\u200d" in hostile:
        assert hostile in name
    else:
        assert "\ufffd" in name


def test_company_hosts_are_hidden() -> None:
    body = {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 1509045324153}, "params": {}}
    requests = [
        CapturedRequest(1, "sessions", body, session_id="a", session_key="a", host="acme.hb.omtrdc.net", status=201)
    ]
    assert "acme" not in to_junit(audit(requests))
