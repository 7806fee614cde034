"""A model player, and the scenarios that it plays: what a player sends, and when. Nothing is sent here.

``player`` turns what a viewer does into events; ``actions`` names what can be done, ``defects`` what can be got wrong on
purpose; ``scenarios`` reads a viewing from a file.
"""

from __future__ import annotations

from mctoolkit.simulation.actions import ACTIONS, Action
from mctoolkit.simulation.defects import DEFECTS, Defect, defect
from mctoolkit.simulation.engine import PlannedEvent
from mctoolkit.simulation.player import Player
from mctoolkit.simulation.scenarios import Scenario, known, read_scenario, scenario

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
    "read_scenario",
    "scenario",
]
