"""Read what a player did from a capture: HAR, log, curl commands, journal, sandbox.

``opening`` tells what a file is, ``cutting`` takes a document of any size apart, ``har``, ``logs``, ``documents`` and
``commands`` make calls of it, ``ordering`` puts them in order and into sessions, ``trimming`` writes a small copy.
"""

from __future__ import annotations

from mctoolkit.captures.reading import Capture, read_calls
from mctoolkit.captures.tally import Tally, Unreadable
from mctoolkit.captures.trimming import Trimmed, trim

__all__ = ["Capture", "Tally", "Trimmed", "Unreadable", "read_calls", "trim"]
