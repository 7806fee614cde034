"""What a player can get wrong on purpose, over a whole session.

For what can be wrong with a single ``sessionStart`` see :mod:`mctoolkit.mistakes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.spec import catalog

__all__ = ["DEFECTS", "Defect", "checked", "defect"]


_FLAWS_LABEL = {
    "no-pings": Message("No pings"),
    "rare-pings": Message("A ping a minute only"),
    "pings-after-end": Message("Pings after the end"),
    "ts-seconds": Message("Time in seconds"),
    "ts-equal": Message("The same time on every event"),
    "playhead-ms": Message("Playhead in milliseconds"),
    "playhead-still": Message("Playhead stands at 0"),
    "playhead-in-ads": Message("Playhead runs during ads"),
    "play-before-preroll": Message("Play before the first ad"),
    "ad-outside-break": Message("Ads without an ad break"),
    "ad-not-closed": Message("Ads never end"),
    "break-not-closed": Message("Ad breaks never end"),
    "chapter-not-closed": Message("Chapters never end"),
    "no-complete": Message("No sessionComplete"),
    "no-resume": Message("Goes on without media.resume"),
}
_FLAWS_HELP = {
    "no-pings": Message(
        "Nothing is sent while nothing happens: after ten quiet minutes the server "
        "closes the session, and what comes later is lost."
    ),
    "rare-pings": Message(
        "Between two signs of life lies a minute instead of ten seconds: time spent becomes blurred."
    ),
    "pings-after-end": Message("The timer goes on after the session is over: each ping is refused with 410."),
    "ts-seconds": Message("The clock of the player counts seconds; the API reads January 1970 and sorts by it."),
    "ts-equal": Message("Every event carries the time of the start: their order is anybody's guess."),
    "playhead-ms": Message(
        "The place in the programme lies far beyond its end: progress marks and drop-off are wrong."
    ),
    "playhead-still": Message(
        "The place in the programme never moves: after 30 minutes the server closes the session."
    ),
    "playhead-in-ads": Message("Ads count as progress in the programme: it seems to end too early."),
    "play-before-preroll": Message("The programme counts as begun although only an ad was seen."),
    "ad-outside-break": Message(
        "Nothing opens or closes the ad break: the ads are ignored, and their time counts as programme."
    ),
    "ad-not-closed": Message("Neither adComplete nor adSkip is sent: no ad counts as complete."),
    "break-not-closed": Message("adBreakComplete is missing: what follows counts as ad time."),
    "chapter-not-closed": Message("Neither chapterComplete nor chapterSkip is sent: no chapter counts as complete."),
    "no-complete": Message("The viewing never counts as complete, although it was watched to its end."),
    "no-resume": Message("A viewing that goes on after a break counts as a new start."),
}


@dataclass(frozen=True, slots=True)
class Defect:
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
        return str(_FLAWS_LABEL[self.id])

    @property
    def help(self) -> str:
        """What it does to the reports."""
        return str(_FLAWS_HELP[self.id])


_AD_ENDS = frozenset({"adComplete", "adSkip"})
_CHAPTER_ENDS = frozenset({"chapterComplete", "chapterSkip"})

DEFECTS: Final[Mapping[str, Defect]] = MappingProxyType(
    {
        found.id: found
        for found in (
            Defect("no-pings", frozenset({"ping"})),
            Defect("rare-pings"),
            Defect("pings-after-end"),
            Defect("ts-seconds"),
            Defect("ts-equal"),
            Defect("playhead-ms"),
            Defect("playhead-still"),
            Defect("playhead-in-ads"),
            Defect("play-before-preroll"),
            Defect("ad-outside-break", frozenset({"adBreakStart", "adBreakComplete"})),
            Defect("ad-not-closed", _AD_ENDS),
            Defect("break-not-closed", frozenset({"adBreakComplete"})),
            Defect("chapter-not-closed", _CHAPTER_ENDS),
            Defect("no-complete", frozenset({"sessionComplete"})),
            Defect("no-resume"),
        )
    }
)
"""Every defect by its id, in the order in which a list offers them."""


def defect(id_: str) -> Defect:
    """Return one defect.

    Raises
    ------
    UsageError
        There is no such defect; the message has the nearest one.

    Examples
    --------
    >>> defect("no-pings").label
    'No pings'
    """
    found = DEFECTS.get(id_)
    if found is None:
        close = catalog.nearest(str(id_), DEFECTS)
        raise UsageError(
            _("There is no defect {name}. Did you mean {near}?").format(name=repr(id_), near=repr(close))
            if close
            else _("There is no defect {name}. There are: {known}.").format(name=repr(id_), known=", ".join(DEFECTS))
        )
    return found


def checked(names: Iterable[str]) -> set[str]:
    """Return the names as a set, when each is the name of a defect."""
    return {defect(name).id for name in ([names] if isinstance(names, str) else names)}
