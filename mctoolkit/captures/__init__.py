"""Read the requests of a player from a capture: HAR, log, curl commands, journal or sandbox.

``reader`` opens captures, ``detect`` finds the format of a file, ``har``, ``json_document``, ``ndjson`` and ``curl``
parse it, ``json_stream`` splits large JSON documents, ``ordering`` sorts requests and assigns them to sessions, and
``redaction`` writes a copy without personal data.
"""

from __future__ import annotations

from mctoolkit.captures.reader import Capture, read_requests
from mctoolkit.captures.redaction import RedactedCapture, redact
from mctoolkit.captures.stats import CaptureStats, Unreadable

__all__ = ["Capture", "CaptureStats", "RedactedCapture", "Unreadable", "read_requests", "redact"]
