"""JUnit XML, so that a pipeline shows what an audit found."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mctoolkit._core import clocks
from mctoolkit._core.html import xml_text
from mctoolkit._core.messages import gettext as _
from mctoolkit.auditing.api import Audit
from mctoolkit.models import masking
from mctoolkit.models.finding import AuditedSession, Finding

__all__ = ["junit"]


def junit(audit: Audit) -> str:
    """Return an audit as JUnit XML: a suite a session, a case a rule that found something.

    Lost and wrong events are failures. A tip is a case that passes, with the tip as its output. A session in which
    nothing is wrong has a case that passes; an audit that had nothing to judge, one with an error.

    Parameters
    ----------
    audit : Audit
        What :func:`mctoolkit.audit` returns.

    Returns
    -------
    str
        The document, with its XML declaration, to be written as UTF-8.
    """
    root = Element("testsuites", name="mctoolkit")
    if not audit.sessions:
        name = _("capture")
        case = SubElement(_suite(root, name, (), None), "testcase", classname=name)
        case.set("name", _("nothing could be judged"))
        error = SubElement(case, "error", message=_clean(_("There was no session to judge.")))
        error.text = _clean("\n".join([audit.summary, *audit.advice]))
    for session in audit.sessions:
        name = f"{session.capture}: {_name(session)}" if session.capture else _name(session)
        suite = _suite(root, name, session.findings, session.started_ms)
        if session.ok:
            SubElement(suite, "testcase", classname=_clean(name), name=_("all rules"))
    for suite in root:
        _count(suite)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _name(session: AuditedSession) -> str:
    return session.session_id or session.key


def _suite(root: Element, name: str, findings: Iterable[Finding], started_ms: int | None) -> Element:
    suite = SubElement(root, "testsuite", name=_clean(name))
    if started_ms is not None and clocks.in_words(started_ms) is not None:
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


def _count(suite: Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", str(len(suite.findall("testcase/error"))))
    suite.set("skipped", "0")
    suite.set("time", "0")
    for case in cases:
        case.set("time", "0")


def _clean(text: str) -> str:
    """Hide the hosts of tenants, and leave out what XML cannot hold."""
    return xml_text(masking.mask_host(text))
