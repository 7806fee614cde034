"""Simulate a player: what it sends, and when.

:class:`Player` turns actions of a viewer into events, scenarios are files with such actions, and
:mod:`mctoolkit.simulation.runner` sends the events.
"""

from __future__ import annotations

from mctoolkit.simulation.actions import ACTIONS, Action
from mctoolkit.simulation.defects import DEFECTS, Defect, defect
from mctoolkit.simulation.engine import PlannedEvent
from mctoolkit.simulation.player import Player
from mctoolkit.simulation.scenario_parser import known, parse_scenario, scenario
from mctoolkit.simulation.scenarios import Scenario

__all__ = [
    "ACTIONS",
    "DEFECTS",
    "Action",
    "Defect",
    "PlannedEvent",
    "Player",
    "Scenario",
    "defect",
    "known",
    "parse_scenario",
    "scenario",
]
