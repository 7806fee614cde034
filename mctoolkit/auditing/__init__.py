"""Audit whole sessions: find what the API accepts event by event but the reports show wrong.

:class:`Auditor` reads the requests of a capture one by one. It keeps an ``ActiveSession`` for each open session and a
``SessionReport`` for every session. ``window`` puts the events of a session in the order of their time stamps, as
Adobe's back end does; ``event_checks`` passes each of them to the modules in ``rules``. ``suppression`` then removes
findings that another finding explains. The rules are data: ``spec/data/session_rules.toml``.
"""

from __future__ import annotations

from mctoolkit.auditing.auditor import Auditor, TrackingPlanCheck

__all__ = ["Auditor", "TrackingPlanCheck"]
