"""Write requests, tables and audits in the formats of other tools.

A request as curl or Python, a table as an Excel workbook, an audit as an HTML report or JUnit XML. Each function is
loaded on first use: ``to_curl`` does not import pandas, and ``to_excel`` does not import the audit.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mctoolkit.reporting.formats.curl import to_curl
    from mctoolkit.reporting.formats.excel import save_excel, to_excel
    from mctoolkit.reporting.formats.html_report import to_html_report
    from mctoolkit.reporting.formats.junit import to_junit
    from mctoolkit.reporting.formats.python import to_python

__all__ = ["save_excel", "to_curl", "to_excel", "to_html_report", "to_junit", "to_python"]

_MODULE_OF = {
    "save_excel": "excel",
    "to_curl": "curl",
    "to_excel": "excel",
    "to_html_report": "html_report",
    "to_junit": "junit",
    "to_python": "python",
}


def __getattr__(name: str) -> object:
    """Load a public function from its module on first use."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'mctoolkit.formats' has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
