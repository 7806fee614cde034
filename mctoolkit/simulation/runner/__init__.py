"""Play viewings against a sandbox or a real host: ``scripted`` a whole scenario, ``by_hand`` action by action."""

from __future__ import annotations

from mctoolkit.simulation.runner.interactive import InteractiveRun
from mctoolkit.simulation.runner.scenario_run import Outcome, Progress, Run, simulate

__all__ = ["InteractiveRun", "Outcome", "Progress", "Run", "simulate"]
