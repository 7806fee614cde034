"""What a player can get wrong on purpose, over a whole session.

For what can be wrong with a single ``sessionStart`` see :mod:`mctoolkit.mistakes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from mctoolkit._core import messages
from mctoolkit._core.errors import MisuseError
from mctoolkit.spec import catalog

__all__ = ["FLAWS", "Flaw", "checked", "flaw"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that a player gets wrong.

    Attributes
    ----------
    id : str
        Its name, such as ``"no-pings"``.
    silent : frozenset of str
        The event types that are never sent.
    """

    id: str
    silent: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """What a list calls it."""
        return messages.say(f"playback.flaw.{self.id}.label")

    @property
    def help(self) -> str:
        """What it does to the reports."""
        return messages.say(f"playback.flaw.{self.id}.help")


_AD_ENDS = frozenset({"adComplete", "adSkip"})
_CHAPTER_ENDS = frozenset({"chapterComplete", "chapterSkip"})

FLAWS: Final[Mapping[str, Flaw]] = MappingProxyType(
    {
        found.id: found
        for found in (
            Flaw("no-pings", frozenset({"ping"})),
            Flaw("rare-pings"),
            Flaw("pings-after-end"),
            Flaw("ts-seconds"),
            Flaw("ts-equal"),
            Flaw("playhead-ms"),
            Flaw("playhead-still"),
            Flaw("playhead-in-ads"),
            Flaw("play-before-preroll"),
            Flaw("ad-outside-break", frozenset({"adBreakStart", "adBreakComplete"})),
            Flaw("ad-not-closed", _AD_ENDS),
            Flaw("break-not-closed", frozenset({"adBreakComplete"})),
            Flaw("chapter-not-closed", _CHAPTER_ENDS),
            Flaw("no-complete", frozenset({"sessionComplete"})),
            Flaw("no-resume"),
        )
    }
)
"""Every flaw by its id, in the order in which a list offers them."""


def flaw(id_: str) -> Flaw:
    """Return one flaw.

    Raises
    ------
    MisuseError
        There is no such flaw; the message has the nearest one.

    Examples
    --------
    >>> flaw("no-pings").label
    'No pings'
    """
    found = FLAWS.get(id_)
    if found is None:
        close = catalog.nearest(str(id_), FLAWS)
        raise MisuseError(
            messages.say("playback.no_flaw_near", name=repr(id_), near=repr(close))
            if close
            else messages.say("playback.no_flaw", name=repr(id_), known=", ".join(FLAWS))
        )
    return found


def checked(names: Iterable[str]) -> set[str]:
    """Return the names as a set, when each is the name of a flaw."""
    return {flaw(name).id for name in ([names] if isinstance(names, str) else names)}
