"""audit: find what is wrong with the sessions of a capture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mctoolkit.auditing import Auditor, TrackingPlanCheck
from mctoolkit.auditing.baseline import Baseline
from mctoolkit.auditing.groups import Group
from mctoolkit.auditing.result import Audit
from mctoolkit.captures import read_requests

if TYPE_CHECKING:
    from mctoolkit.models.captured_request import CapturedRequest
    from mctoolkit.validation.tracking_plan import TrackingPlan

__all__ = ["Audit", "Group", "audit"]


def audit(
    *sources: object,
    baseline: str | Path | Baseline | None = None,
    plan: str | Path | TrackingPlan | None = None,
    on_request: Callable[[CapturedRequest], object] | None = None,
) -> Audit:
    """Audit every session of one or more captures.

    Each body is validated, and each session is checked against the rules in ``spec/data/session_rules.toml``. No
    request is sent. A capture is read as a stream, so it may be larger than memory.

    Parameters
    ----------
    *sources : path, text, bytes, Journal, Sandbox, or a list of Exchange, CapturedRequest, Event or dict
        What :func:`mctoolkit.captures.read_requests` accepts: a HAR, a log with one JSON object per line, curl
        commands, a folder of these, a sandbox, ...
    baseline : str, Path or Baseline, optional
        Accepted findings; only others are reported.
    plan : str, Path or TrackingPlan, optional
        A company's tracking plan, such as an Excel sheet; each violation is a warning that cites its row.
    on_request : callable, optional
        Called with each request of the capture, such as ``requests.append`` for
        :func:`mctoolkit.reporting.charts.timeline`, so that the capture is not read twice.

    Returns
    -------
    Audit
        The findings; a notebook displays them.

    Raises
    ------
    InputError
        A file does not exist or cannot be read; the message has the next step.

    Examples
    --------
    >>> start_ms = 1509045334153
    >>> events = [
    ...     {"eventType": "ping", "playerTime": {"playhead": 0, "ts": start_ms}},
    ...     {"eventType": "sessionEnd", "playerTime": {"playhead": 1, "ts": start_ms + 1000}},
    ...     {"eventType": "ping", "playerTime": {"playhead": 2, "ts": start_ms + 2000}},
    ... ]
    >>> [(finding.rule, finding.level, finding.entries) for finding in audit(events).findings]
    [('ping-after-end', 'error', (3,))]
    """
    capture = read_requests(*sources)
    accepted = Baseline.read(baseline) if isinstance(baseline, str | Path) else baseline
    auditor = Auditor(_tracking_plan_check(plan))
    for request in capture:
        auditor.feed(request)
        if on_request is not None:
            on_request(request)
    found = Audit(auditor.finish(), capture.stats, capture.names)
    return found if accepted is None else found.without(accepted)


def _tracking_plan_check(plan: str | Path | TrackingPlan | None) -> TrackingPlanCheck | None:
    if plan is None:
        return None
    if isinstance(plan, str | Path):
        from mctoolkit.validation.tracking_plan import TrackingPlan  # it loads the reader of Excel sheets

        plan = TrackingPlan.read(plan)
    check = plan.check
    return lambda body, player: check(body, platform=player or None)
