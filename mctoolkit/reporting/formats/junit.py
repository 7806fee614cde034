"""Write an audit as JUnit XML, for the test reports of CI systems."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mctoolkit._core import clocks
from mctoolkit._core.html import xml_text
from mctoolkit._core.messages import gettext as _
from mctoolkit.auditing.api import Audit
from mctoolkit.models import masking
from mctoolkit.models.finding import Finding

__all__ = ["to_junit"]


def to_junit(audit: Audit) -> str:
    """Return an audit as JUnit XML: one suite per session, one case per finding.

    Errors and warnings are failures. A hint is a case that passes, with the hint as its output. A session without
    errors and warnings has one more case that passes. An audit without sessions has one case with an error.

    Parameters
    ----------
    audit : Audit
        The result of :func:`mctoolkit.audit`.

    Returns
    -------
    str
        The document with its XML declaration; write it as UTF-8.

    Examples
    --------
    >>> from mctoolkit import audit
    >>> body = {"eventType": "adStart", "playerTime": {"playhead": 0, "ts": 1509045334153}}
    >>> print(to_junit(audit([body])).splitlines()[1])
    <testsuites name="mctoolkit" tests=... failures=... errors="0">
    """
    root = Element("testsuites", name="mctoolkit")
    if not audit.sessions:
        name = _("capture")
        case = SubElement(_add_suite(root, name, (), None), "testcase", classname=name, name=_("no session"))
        error = SubElement(case, "error", message=_clean(_("The capture contains no session.")))
        error.text = _clean("\n".join([audit.summary, *audit.advice]))
    for session in audit.sessions:
        id_ = session.session_id or session.key
        name = f"{session.capture}: {id_}" if session.capture else id_
        suite = _add_suite(root, name, session.findings, session.started_ms)
        if session.ok:
            SubElement(suite, "testcase", classname=_clean(name), name=_("all rules"))
    for suite in root:
        _set_counts(suite)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _add_suite(root: Element, name: str, findings: Iterable[Finding], started_ms: int | None) -> Element:
    suite = SubElement(root, "testsuite", name=_clean(name))
    if started_ms is not None and clocks.format_timestamp(started_ms) is not None:
        suite.set("timestamp", f"{clocks.utc(started_ms):%Y-%m-%dT%H:%M:%S}")
    for finding in findings:
        rule = f"{finding.rule} {finding.place}".rstrip()
        case = SubElement(suite, "testcase", classname=_clean(name), name=_clean(rule))
        ticket = _clean(finding.ticket())
        if finding.is_problem:
            SubElement(case, "failure", type=finding.level, message=_clean(finding.message)).text = ticket
        else:
            SubElement(case, "system-out").text = ticket
    return suite


def _set_counts(suite: Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    suite.set("skipped", "0")
    suite.set("time", "0")
    for case in cases:
        case.set("time", "0")


def _clean(text: str) -> str:
    """Hide the hosts of companies and replace characters that XML cannot contain."""
    return xml_text(masking.mask_host(text))
