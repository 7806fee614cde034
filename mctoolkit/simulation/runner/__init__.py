"""Send the events of a simulated player: :func:`simulate` a whole scenario, :class:`InteractiveRun` by action."""

from __future__ import annotations

from mctoolkit.simulation.runner.interactive import InteractiveRun
from mctoolkit.simulation.runner.run import Outcome, Progress, Run
from mctoolkit.simulation.runner.scenario_run import simulate

__all__ = ["InteractiveRun", "Outcome", "Progress", "Run", "simulate"]
