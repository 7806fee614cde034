"""Play viewings against a sandbox or a real host: ``scripted`` a whole scenario, ``by_hand`` action by action."""

from __future__ import annotations

from mctoolkit.simulation.runner.interactive import PlayedByHand
from mctoolkit.simulation.runner.scenario_run import Outcome, Progress, Run, play

__all__ = ["Outcome", "PlayedByHand", "Progress", "Run", "play"]
