"""Counts of one pass over a capture: what was read, what was not and why, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from mctoolkit._core.messages import Plural, ngettext
from mctoolkit._core.messages import gettext as _

__all__ = ["CaptureStats", "Unreadable"]

_MAX_UNREADABLE_ENTRIES = 20
_OTHER_PROTOCOLS = ("heartbeat", "edge")
_ADVICE = {
    "without_body": Plural(
        "{number} request has no body. In Chrome: open DevTools before the page loads, record, then Export HAR (with "
        "content).",
        "{number:,} requests have no body. In Chrome: open DevTools before the page loads, record, then Export HAR "
        "(with content).",
    ),
    "short_bodies": Plural(
        "The recording tool kept only the start of {number} body. Raise its size limit and record again; in Charles: "
        "Proxy > Recording Settings > Options.",
        "The recording tool kept only the start of {number:,} bodies. Raise its size limit and record again; in "
        "Charles: Proxy > Recording Settings > Options.",
    ),
    "unmatched_sessions": Plural(
        "The sessionStart of {number} session cannot be determined, because the capture has no responses to "
        "sessionStart. Record the responses too.",
        "The sessionStarts of {number:,} sessions cannot be determined, because the capture has no responses to "
        "sessionStart. Record the responses too.",
    ),
    "out_of_order": Plural(
        "{number} request is far out of time order and was audited where it is in the file. Sort the log by time and "
        "read it again.",
        "{number:,} requests are far out of time order and were audited where they are in the file. Sort the log by "
        "time and read it again.",
    ),
    "without_zone": Plural(
        "{number} time has no time zone and was read as UTC.",
        "{number:,} times have no time zone and were read as UTC.",
    ),
    "heartbeat": Plural(
        "This player uses the older heartbeat protocol, not the Media Collection API: {number} request was skipped.",
        "This player uses the older heartbeat protocol, not the Media Collection API: {number:,} requests were "
        "skipped.",
    ),
    "edge": Plural(
        "This player uses the Media Edge API, the successor of this API: {number} request was skipped.",
        "This player uses the Media Edge API, the successor of this API: {number:,} requests were skipped.",
    ),
}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry that cannot be parsed.

    Attributes
    ----------
    number : int
        The number of the entry, from 1.
    reason : str
        Why it cannot be parsed.
    source : str
        The name of the file if there are several; otherwise empty.

    Examples
    --------
    >>> print(Unreadable(12, "the command has no URL", "player.curl"))
    player.curl, entry 12: the command has no URL
    """

    number: int
    reason: str
    source: str = ""

    def __str__(self) -> str:
        return (
            _("{source}, entry {number}: {reason}").format(number=self.number, reason=self.reason, source=self.source)
            if self.source
            else _("entry {number}: {reason}").format(number=self.number, reason=self.reason)
        )


@dataclass(slots=True)
class CaptureStats:
    """Counts of one pass over a capture; complete at the end of the pass.

    Attributes
    ----------
    files : int
        The number of files.
    requests : int
        All entries, unreadable ones included.
    api_requests : int
        Requests to the API.
    others : dict of str to int
        Other requests by kind: ``"connect"`` (an encrypted tunnel to the API), ``"heartbeat"`` (the older protocol),
        ``"edge"`` (Media Edge), ``"preflight"`` (the CORS check of a browser), ``"other"``.
    unreadable : int
        Entries that cannot be parsed.
    unreadable_entries : list of Unreadable
        The first 20 of them.
    without_body, short_bodies : int
        API requests without a body, and with an incomplete body.
    unmatched_sessions : int
        Sessions for which several sessionStarts without a response are possible.
    out_of_order : int
        API requests that come after a later one of their session, because they are too far from their place in time.
    without_zone : int
        Times without a time zone, read as UTC.
    damage : list of str
        A sentence for each file that is cut off or, if there are several files, unreadable.
    unreadable_files : int
        Files that cannot be read, if there are several.
    """

    files: int = 0
    requests: int = 0
    api_requests: int = 0
    others: dict[str, int] = field(default_factory=dict)
    unreadable: int = 0
    unreadable_entries: list[Unreadable] = field(default_factory=list)
    without_body: int = 0
    short_bodies: int = 0
    unmatched_sessions: int = 0
    out_of_order: int = 0
    without_zone: int = 0
    damage: list[str] = field(default_factory=list)
    unreadable_files: int = 0

    def count_other(self, kind: str) -> None:
        """Count an entry that is not an API request."""
        self.others[kind] = self.others.get(kind, 0) + 1

    def note_unreadable(self, number: int, reason: str, source: str = "") -> None:
        """Count an entry that cannot be parsed, and keep the first 20."""
        self.unreadable += 1
        if len(self.unreadable_entries) < _MAX_UNREADABLE_ENTRIES:
            self.unreadable_entries.append(Unreadable(number, reason, source))

    def note_cut_off(self, source: str, complete: int) -> None:
        """Note that a file is cut off after this number of complete requests."""
        self.damage.append(
            ngettext(
                "{name} is cut off at the end: {number:,} complete request was read.",
                "{name} is cut off at the end: {number:,} complete requests were read.",
                complete,
            ).format(name=source or _("The file"), number=complete)
        )

    @property
    def summary(self) -> str:
        """The counts in one sentence.

        Examples
        --------
        >>> CaptureStats(files=1, requests=214, api_requests=31, others={"other": 183}).summary
        '1 file, 214 requests: 31 to the Media Collection API, 183 others (not read).'
        """
        others = sum(self.others.values())
        parts = [_("{number:,} to the Media Collection API").format(number=self.api_requests)]
        if others:
            parts.append(
                ngettext("{number:,} other (not read)", "{number:,} others (not read)", others).format(number=others)
            )
        if self.unreadable:
            parts.append(_("{number:,} unreadable").format(number=self.unreadable))
        requests = ngettext("{number:,} request", "{number:,} requests", self.requests).format(number=self.requests)
        if self.files:
            files = ngettext("{number} file", "{number} files", self.files).format(number=self.files)
            requests = f"{files}, {requests}"
        return _("{requests}: {parts}.").format(requests=requests, parts=", ".join(parts))

    @property
    def advice(self) -> tuple[str, ...]:
        """What could not be audited, each with the next step; empty if the capture is complete.

        Examples
        --------
        >>> CaptureStats(requests=1, api_requests=1, without_zone=1).advice
        ('1 time has no time zone and was read as UTC.',)
        """
        advice = list(self.damage)
        if self.others.get("connect") and not self.api_requests:
            advice.append(
                ngettext(
                    "The capture is encrypted: it has {number} CONNECT request to the API and nothing of its content. "
                    "In Charles: Proxy > SSL Proxying Settings > add *.hb-api.omtrdc.net, then record again.",
                    "The capture is encrypted: it has {number:,} CONNECT requests to the API and nothing of their "
                    "content. In Charles: Proxy > SSL Proxying Settings > add *.hb-api.omtrdc.net, then record again.",
                    self.others["connect"],
                ).format(number=self.others["connect"])
            )
        advice += [_ADVICE[kind].format(self.others[kind]) for kind in _OTHER_PROTOCOLS if self.others.get(kind)]
        for name in ("without_body", "short_bodies", "unmatched_sessions", "out_of_order", "without_zone"):
            if number := getattr(self, name):
                advice.append(_ADVICE[name].format(number))
        if self.unreadable:
            advice.append(
                ngettext(
                    "{number} entry cannot be parsed ({first}). The others were read.",
                    "{number:,} entries cannot be parsed (the first one: {first}). The others were read.",
                    self.unreadable,
                ).format(first=self.unreadable_entries[0], number=self.unreadable)
            )
        if not self.api_requests and not advice:
            advice.append(
                ngettext(
                    "The capture has {number} request, not to the Media Collection API. Start the recording before "
                    "the player starts. In Chrome: turn on Preserve log, reload the page, then play.",
                    "The capture has {number:,} requests, none of them to the Media Collection API. Start the "
                    "recording before the player starts. In Chrome: turn on Preserve log, reload the page, then play.",
                    self.requests,
                ).format(number=self.requests)
            )
        return tuple(advice)

    def __str__(self) -> str:
        return "\n".join([self.summary, *self.advice])
