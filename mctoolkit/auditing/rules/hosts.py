"""Rules about hosts: the right one, the same for a whole session, over https, with a JSON content type."""

from __future__ import annotations

from typing import Final

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import printable
from mctoolkit.auditing.session_report import SessionReport
from mctoolkit.models import masking
from mctoolkit.models.captured_request import CapturedRequest

__all__ = ["check_content_type", "check_host", "check_same_host"]

_HEARTBEAT: Final = ".hb.omtrdc.net"
_COLLECTION: Final = ".hb-api.omtrdc.net"
_LOCAL: Final = ("localhost", "127.", "::1", "[::1]")


def check_host(report: SessionReport, request: CapturedRequest) -> None:
    """Check the host and the scheme of the first request of a session."""
    host, masked = request.host, masking.mask_host(request.host)
    if host.endswith(_HEARTBEAT):
        meant = masking.mask_host(host.removesuffix(_HEARTBEAT) + _COLLECTION)
        report.flag("wrong-host", request.number, request.when_ms, request.status, host=masked, meant=meant)
    if host and request.secure is False and not host.startswith(_LOCAL):
        report.flag("not-https", request.number, request.when_ms, request.status, host=masked)


def check_content_type(report: SessionReport, request: CapturedRequest) -> None:
    """Check the header ``Content-Type``."""
    for name, value in request.request_headers:
        if name.lower() == "content-type" and "json" not in value.lower():
            report.flag("not-json-type", request.number, request.when_ms, request.status, value=printable(value))


def check_same_host(session: ActiveSession, request: CapturedRequest) -> None:
    """Check an event that goes to another host than its session."""
    if session.host and request.host:
        first, host = masking.mask_host(session.host), masking.mask_host(request.host)
        session.report.flag("other-host", request.number, request.when_ms, request.status, first=first, host=host)
    elif not session.host:
        session.host = request.host
