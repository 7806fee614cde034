"""Hand an audit over to somebody: one HTML file for people, JUnit XML for a pipeline."""

from __future__ import annotations

from mctoolkit.handover.junit import junit
from mctoolkit.handover.report import html_report

__all__ = ["html_report", "junit"]
