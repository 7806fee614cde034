"""Read what a player did from a capture: HAR, log, curl commands, journal, sandbox.

``opening`` tells what a file is, ``cutting`` takes a document of any size apart, ``har``, ``logs``, ``documents`` and
``commands`` make calls of it, ``ordering`` puts them in order and into sessions, ``trimming`` writes a small copy.
"""

from __future__ import annotations

from mctoolkit.captures.reader import Capture, read_requests
from mctoolkit.captures.redaction import RedactedCapture, redact
from mctoolkit.captures.stats import CaptureStats, Unreadable

__all__ = ["Capture", "CaptureStats", "RedactedCapture", "Unreadable", "read_requests", "redact"]
