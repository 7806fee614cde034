"""A model player, and the scenarios that it plays: what a player sends, and when. Nothing is sent here.

``player`` turns what a viewer does into events; ``actions`` names what can be done, ``flaws`` what can be got wrong on
purpose; ``scenarios`` reads a viewing from a file.
"""

from __future__ import annotations

from mctoolkit.playback.actions import ACTIONS, Action
from mctoolkit.playback.engine import Step
from mctoolkit.playback.flaws import FLAWS, Flaw, flaw
from mctoolkit.playback.player import Player
from mctoolkit.playback.scenarios import Scenario, known, read_scenario, scenario

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
