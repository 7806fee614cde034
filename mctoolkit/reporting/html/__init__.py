"""The HTML views of events, verdicts, exchanges and findings, one module per subject.

Each function returns a part of a page without the style sheet. ``reporting.display`` registers them.
"""
