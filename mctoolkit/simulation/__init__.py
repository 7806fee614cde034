"""A model player, and the scenarios that it plays: what a player sends, and when. Nothing is sent here.

``player`` turns what a viewer does into events; ``actions`` names what can be done, ``flaws`` what can be got wrong on
purpose; ``scenarios`` reads a viewing from a file.
"""

from __future__ import annotations

from mctoolkit.simulation.actions import ACTIONS, Action
from mctoolkit.simulation.defects import FLAWS, Flaw, flaw
from mctoolkit.simulation.engine import Step
from mctoolkit.simulation.player import Player
from mctoolkit.simulation.scenarios import Scenario, known, read_scenario, scenario

__all__ = [
    "ACTIONS",
    "FLAWS",
    "Action",
    "Flaw",
    "Player",
    "Scenario",
    "Step",
    "flaw",
    "known",
    "read_scenario",
    "scenario",
]
