"""Session: the events under one session id, and the state that they add up to."""

from __future__ import annotations

from mctoolkit.sessions.state import IDLE_LIMIT_MS, MOST_STATES, PLAYHEAD_LIMIT_MS, Closing, Playback, SessionState

__all__ = ["IDLE_LIMIT_MS", "MOST_STATES", "PLAYHEAD_LIMIT_MS", "Closing", "Playback", "SessionState"]
