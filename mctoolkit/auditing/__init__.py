"""Judge whole sessions: what the API accepts event by event and the reports show weeks later.

``auditor`` takes the calls of a capture one by one and keeps a ``Watched`` for each session that goes on, and of every
session a ``Record`` of what to report. The events of a session, a ``Step`` each, are put in the order of their time
stamps, as the back end does, and go through the subjects, a file each:
``order``, ``ads``, ``chapters``, ``pings``, ``playhead``, ``time``, ``quality``, ``closing``, ``responses``, ``hosts``,
``starts``, and ``bodies`` for what is wrong with single events. The rules are data, in ``spec/data/session_rules.toml``.
"""

from __future__ import annotations

from mctoolkit.auditing.auditor import Auditor, TrackingPlanCheck

__all__ = ["Auditor", "TrackingPlanCheck"]
