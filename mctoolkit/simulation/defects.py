"""Defects: what a simulated player can do wrong during a whole session.

For mistakes in a single ``sessionStart`` see :mod:`mctoolkit.mistakes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.simulation.action_values import suggest_name

__all__ = ["DEFECTS", "Defect", "check_defects", "defect"]


@dataclass(frozen=True, slots=True)
class Defect:
    """Something that a player does wrong.

    Attributes
    ----------
    id : str
        Its name, such as ``"no-pings"``.
    omitted : frozenset of str
        The event types that the player never sends.
    """

    id: str
    _label: Message
    _help: Message
    omitted: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """A short name for lists."""
        return str(self._label)

    @property
    def help(self) -> str:
        """The effect on the reports."""
        return str(self._help)


DEFECTS: Final[Mapping[str, Defect]] = MappingProxyType(
    {
        each.id: each
        for each in (
            Defect(
                "no-pings",
                Message("No pings"),
                Message("The server closes a session after 10 minutes without an event. Later events are lost."),
                frozenset({"ping"}),
            ),
            Defect(
                "rare-pings",
                Message("One ping a minute"),
                Message("Pings are 60 seconds apart instead of 10. Time spent becomes inaccurate."),
            ),
            Defect(
                "pings-after-end",
                Message("Pings after the end"),
                Message("The player keeps sending pings after the session has ended. The API refuses each with 410."),
            ),
            Defect(
                "ts-seconds",
                Message("Time in seconds"),
                Message("The time stamps count seconds instead of milliseconds. The API reads them as January 1970."),
            ),
            Defect(
                "ts-equal",
                Message("The same time on every event"),
                Message("Every event has the time stamp of the start. The order of the events is undefined."),
            ),
            Defect(
                "playhead-ms",
                Message("Playhead in milliseconds"),
                Message("The playhead is far beyond the end of the content. Progress marks and drop-off are wrong."),
            ),
            Defect(
                "playhead-still",
                Message("Playhead stays at 0"),
                Message("The playhead never moves. The server closes the session after 30 minutes."),
            ),
            Defect(
                "playhead-in-ads",
                Message("Playhead moves during ads"),
                Message("Ads count as progress in the content. The content seems to end too early."),
            ),
            Defect(
                "play-before-preroll",
                Message("Play before the first ad"),
                Message("The content counts as started although the viewer has only seen an ad."),
            ),
            Defect(
                "ad-outside-break",
                Message("Ads without an ad break"),
                Message("No event opens or closes the ad break. The ads are ignored and their time counts as content."),
                frozenset({"adBreakStart", "adBreakComplete"}),
            ),
            Defect(
                "ad-not-closed",
                Message("Ads never end"),
                Message("The player sends neither adComplete nor adSkip. No ad counts as complete."),
                frozenset({"adComplete", "adSkip"}),
            ),
            Defect(
                "break-not-closed",
                Message("Ad breaks never end"),
                Message("The player does not send adBreakComplete. What follows counts as ad time."),
                frozenset({"adBreakComplete"}),
            ),
            Defect(
                "chapter-not-closed",
                Message("Chapters never end"),
                Message("The player sends neither chapterComplete nor chapterSkip. No chapter counts as complete."),
                frozenset({"chapterComplete", "chapterSkip"}),
            ),
            Defect(
                "no-complete",
                Message("No sessionComplete"),
                Message("The session never counts as complete, although the viewer watched to the end."),
                frozenset({"sessionComplete"}),
            ),
            Defect(
                "no-resume",
                Message("Resumes without media.resume"),
                Message("A session that resumes an earlier one counts as a new start."),
            ),
        )
    }
)
"""All defects by id, in the order of lists."""


def defect(id_: str) -> Defect:
    """Return one defect.

    Raises
    ------
    UsageError
        There is no such defect. The message suggests the most similar id.

    Examples
    --------
    >>> defect("no-pings").label
    'No pings'
    """
    found = DEFECTS.get(id_)
    if found is None:
        raise UsageError(_("There is no defect {name}. {next}").format(name=repr(id_), next=suggest_name(id_, DEFECTS)))
    return found


def check_defects(ids: str | Iterable[str]) -> set[str]:
    """Return the ids as a set.

    Raises
    ------
    UsageError
        One of them is not the id of a defect.
    """
    return {defect(id_).id for id_ in ([ids] if isinstance(ids, str) else ids)}
