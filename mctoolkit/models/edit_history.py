"""The undo and redo steps of a draft."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mctoolkit._core.json_io import Place

__all__ = ["DraftState", "EditHistory"]

_MOST_STEPS = 200


@dataclass(slots=True)
class DraftState:
    """The part of a draft that undo restores.

    Attributes
    ----------
    body : dict
        The JSON body.
    typed : dict
        The text typed into each field, by place.
    json_text : str or None
        The whole body as typed JSON; None when the fields were edited last.
    """

    body: dict[str, Any]
    typed: dict[Place, str]
    json_text: str | None = None


class EditHistory:
    """The states to which undo and redo return.

    Consecutive edits of one field are one step.
    """

    def __init__(self) -> None:
        self._past: list[DraftState] = []
        self._future: list[DraftState] = []
        self._field: Place | None = None

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to undo."""
        return bool(self._past)

    def record(self, state: DraftState, field: Place | None = None) -> None:
        """Store the state before a change.

        Parameters
        ----------
        state : DraftState
            The current state; it is copied.
        field : tuple, optional
            The place of the field that is typed in. Without it, the change is a step of its own.
        """
        if field is None or field != self._field:
            self._past.append(copy.deepcopy(state))
            del self._past[:-_MOST_STEPS]
        self._future.clear()
        self._field = field

    def end_step(self) -> None:
        """Make the next change a new step, also in the field that was edited last."""
        self._field = None

    def clear(self) -> None:
        """Remove all steps."""
        self._past.clear()
        self._future.clear()
        self._field = None

    def undo(self, state: DraftState) -> DraftState:
        """Return the state before the last step; the same state when there is none."""
        return self._move(state, self._past, self._future)

    def redo(self, state: DraftState) -> DraftState:
        """Return the state before the last undo; the same state when there is none."""
        return self._move(state, self._future, self._past)

    def past_bodies(self) -> Iterator[dict[str, Any]]:
        """Yield the bodies of the past states, newest first."""
        return (state.body for state in reversed(self._past))

    def _move(self, state: DraftState, source: list[DraftState], destination: list[DraftState]) -> DraftState:
        if not source:
            return state
        destination.append(state)
        self._field = None
        return source.pop()
