"""Resolve the arguments of a form: its client, its profile and its tracking plan."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from mctoolkit._core.clocks import Clock
from mctoolkit.client.client import Client
from mctoolkit.client.profiles import Profile, profiles

if TYPE_CHECKING:
    from mctoolkit.validation.tracking_plan import TrackingPlan

__all__ = ["find_profile", "load_plan", "make_client"]


def make_client(to: Any, clock: Clock) -> Client:
    """Return a client for a sandbox, host, profile or client; None starts a sandbox."""
    if isinstance(to, Client):
        return to
    if isinstance(to, Profile):
        return Client(to.target, clock=clock)
    if to is None:
        from mctoolkit.sandbox import Sandbox

        to = Sandbox(clock=clock)
    return Client(to, clock=clock)


def find_profile(to: Any, client: Client) -> Profile | None:
    """Return the given profile, or the one of the client's host."""
    if isinstance(to, Profile):
        return to
    if client.target.loopback:
        return None
    return next((one for one in profiles().values() if one.target.base == client.target.base), None)


def load_plan(plan: TrackingPlan | str | os.PathLike[str] | None) -> TrackingPlan | None:
    """Return the tracking plan, read from its file if a path is given."""
    if plan is None:
        return None
    from mctoolkit.validation.tracking_plan import TrackingPlan  # imports spreadsheet readers that few forms need

    return TrackingPlan.load(plan)
