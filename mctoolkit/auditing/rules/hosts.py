"""Hosts: the right one, one for a session, encrypted, and JSON called JSON."""

from __future__ import annotations

from mctoolkit.auditing.active_session import ActiveSession
from mctoolkit.auditing.session_event import shown
from mctoolkit.auditing.session_report import SessionReport
from mctoolkit.models import masking
from mctoolkit.models.captured_request import CapturedRequest

__all__ = ["content_type", "of_event", "of_start"]

_OLD = ".hb.omtrdc.net"
_NEW = ".hb-api.omtrdc.net"
_HERE = ("localhost", "127.", "::1", "[::1]")


def of_start(record: SessionReport, call: CapturedRequest) -> None:
    """Look at where the first call of a session goes, and how."""
    host = call.host
    if host.endswith(_OLD):
        shown, meant = masking.mask_host(host), masking.mask_host(host.removesuffix(_OLD) + _NEW)
        record.note("wrong-host", call.number, call.when_ms, call.status, host=shown, meant=meant)
    if call.secure is False and not host.startswith(_HERE) and host:
        record.note("not-https", call.number, call.when_ms, call.status, host=masking.mask_host(host))


def content_type(record: SessionReport, call: CapturedRequest) -> None:
    """Look at what a request says that its body is."""
    for name, value in call.request_headers:
        if name.lower() == "content-type" and "json" not in value.lower():
            record.note("not-json-type", call.number, call.when_ms, call.status, value=shown(value))


def of_event(watched: ActiveSession, call: CapturedRequest) -> None:
    """Look at an event that goes to another host than its session."""
    if watched.host and call.host:
        first, host = masking.mask_host(watched.host), masking.mask_host(call.host)
        watched.record.note("other-host", call.number, call.when_ms, call.status, first=first, host=host)
    elif not watched.host:
        watched.host = call.host
