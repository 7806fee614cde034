"""JUnit XML: of the shape that pipelines read, with failures for problems only."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from mctoolkit import audit
from mctoolkit.models.captured_request import CapturedRequest
from mctoolkit.reporting.formats.junit import junit
from tests.models.session.viewing import calls

FAULTY = "0 0 sessionStart\n0 0 play\n5 5 adStart\n8 5 adComplete\n10 7 sessionEnd\n11 7 ping"

NOTHING = (
    b'{"log": {"version": "1.2", "creator": {}, "entries": [{"request": {"method": "GET", "url": "https://x/"}}]}}'
)

# The shape that Jenkins, GitLab, GitHub actions and Azure have in common: element, attributes (! must), children.
SHAPE: dict[str, tuple[set[str], set[str], set[str]]] = {
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
        must, may, children = SHAPE[node.tag]
        assert must <= set(node.attrib) <= must | may
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


def test_problems_are_failures_and_tips_are_not() -> None:
    judged = audit(calls(FAULTY))
    suite = _read(junit(judged))[0]
    assert suite.attrib["name"] == "7f3a"
    assert suite.attrib["timestamp"] == "2017-10-26T19:15:24"
    cases = {case.attrib["name"]: case for case in suite}
    assert {finding.is_problem for finding in judged.findings} == {True, False}
    for finding in judged.findings:
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
    assert len(cases) == len(judged.findings)


def test_a_session_in_order_has_a_case_that_passes() -> None:
    judged = audit(calls("0 5 ping\n10 15 ping", key="cut"))
    assert judged.sessions[0].ok
    root = _read(junit(judged))
    assert root.attrib["failures"] == "0"
    assert root[0][-1].attrib["name"] == "all rules"
    assert len(root[0][-1]) == 0


def test_nothing_to_judge_is_an_error() -> None:
    judged = audit(NOTHING)
    root = _read(junit(judged))
    error = root.find("testsuite/testcase/error")
    assert error is not None
    assert error.text is not None
    assert judged.summary in error.text
    assert root.attrib["errors"] == "1"


@pytest.mark.parametrize("hostile", ["<x>&\"'", "]]>", "a\x00\x1b\ud800\ufffe", "日本語 \U0001f3ac\u200d"])
def test_what_a_player_sends_stays_text(hostile: str) -> None:
    body = {"eventType": hostile, "playerTime": {"playhead": 0, "ts": 1509045324153}, "params": {hostile: 1}}
    made = [CapturedRequest(1, "events", body, session_id=hostile, session_key=hostile, source=hostile)]
    root = _read(junit(audit(made)))
    name = root[0].attrib["name"]
    if hostile.isprintable() or "\u200d" in hostile:
        assert hostile in name
    else:
        assert "\ufffd" in name


def test_hosts_of_tenants_are_hidden() -> None:
    body = {"eventType": "sessionStart", "playerTime": {"playhead": 0, "ts": 1509045324153}, "params": {}}
    made = [
        CapturedRequest(1, "sessions", body, session_id="a", session_key="a", host="acme.hb.omtrdc.net", status=201)
    ]
    assert "acme" not in junit(audit(made))
