"""Write requests and audits in the formats of other tools: curl, Python, Excel, HTML, JUnit XML."""

from __future__ import annotations

from mctoolkit.reporting.formats.html_report import html_report
from mctoolkit.reporting.formats.junit import junit

__all__ = ["html_report", "junit"]
