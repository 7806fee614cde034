"""What a reading found besides calls: counts, what could not be read and why, and the next click to make."""

from __future__ import annotations

from dataclasses import dataclass, field

from mctoolkit._core.messages import Plural, ngettext
from mctoolkit._core.messages import gettext as _

__all__ = ["NAMED", "CaptureStats", "Unreadable"]

NAMED = 20
"""How many of the unreadable entries are named; all are counted."""

_NOT_JUDGED = ("heartbeat", "edge")


_ADVICE = {
    "without_body": Plural(
        "{number} request without a body. In Chrome: record with DevTools open from "
        "before the page loads, then Export HAR (with content).",
        "{number:,} requests without a body. In Chrome: record with DevTools open from "
        "before the page loads, then Export HAR (with content).",
    ),
    "short_bodies": Plural(
        "The recording tool has kept only the beginning of {number} body. Raise its size "
        "limit and record again; in Charles: Proxy > Recording Settings > Options.",
        "The recording tool has kept only the beginning of {number:,} bodies. Raise its "
        "size limit and record again; in Charles: Proxy > Recording Settings > Options.",
    ),
    "unmatched": Plural(
        "For {number} session it cannot be told which start it belongs to: the responses "
        "to the starts are not in the capture. Record the responses, too.",
        "For {number:,} sessions it cannot be told which start they belong to: the "
        "answers to the starts are not in the capture. Record the responses, too.",
    ),
    "late": Plural(
        "{number} call stands so far from its place in time that it was judged where it "
        "stands. Sort the log by time and read it again.",
        "{number:,} calls stand so far from their place in time that they were judged "
        "where they stand. Sort the log by time and read it again.",
    ),
    "no_zone": Plural(
        "{number} time has no time zone and was read as UTC.",
        "{number:,} times have no time zone and were read as UTC.",
    ),
    "heartbeat": Plural(
        "This player uses the older heartbeat protocol, not this API: {number} call, not judged.",
        "This player uses the older heartbeat protocol, not this API: {number:,} calls, not judged.",
    ),
    "edge": Plural(
        "This player uses the Media Edge API, the successor: {number} call, not judged.",
        "This player uses the Media Edge API, the successor: {number:,} calls, not judged.",
    ),
}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry that could not be read: its number, why in words, and the file where there are several."""

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
    """Counts of one pass over a capture; whole once the pass has come to its end.

    Attributes
    ----------
    files : int
        How many sources there are: files, or things that were handed over.
    requests : int
        All entries, also those that could not be read.
    calls : int
        Those to the API, which were handed on.
    others : dict of str to int
        The rest by kind: ``"connect"`` (a tunnel to the API, of which nothing can be seen), ``"heartbeat"`` (the older
        protocol), ``"edge"`` (Media Edge), ``"preflight"`` (what a browser asks before), ``"other"``.
    unreadable : int
        Entries that could not be read; the first of them stand in ``named``.
    named : list of Unreadable
        At most 20.
    without_body, short_bodies, without_response : int
        Calls whose body the capture does not hold, or not to its end; calls without a response.
    matched, unmatched : int
        Sessions whose start has no response: those that could be told by the order, and the unknown session ids for
        which more than one such start could have been the one.
    late : int
        Calls so far from their place in time that they come after later ones of their session.
    no_zone : int
        Times without a time zone, read as UTC.
    damage : list of str
        A sentence for each file that is cut off, broken in the middle or, among several, unreadable.
    refused : int
        How many of several files could not be read at all.
    """

    files: int = 0
    requests: int = 0
    calls: int = 0
    others: dict[str, int] = field(default_factory=dict)
    unreadable: int = 0
    named: list[Unreadable] = field(default_factory=list)
    without_body: int = 0
    short_bodies: int = 0
    without_response: int = 0
    matched: int = 0
    unmatched: int = 0
    late: int = 0
    no_zone: int = 0
    damage: list[str] = field(default_factory=list)
    refused: int = 0

    def count_other(self, kind: str) -> None:
        """Count an entry that is no call of the API."""
        self.others[kind] = self.others.get(kind, 0) + 1

    def note_unreadable(self, number: int, reason: str, source: str = "") -> None:
        """Count an entry that could not be read, and keep the first of them."""
        self.unreadable += 1
        if len(self.named) < NAMED:
            self.named.append(Unreadable(number, reason, source))

    @property
    def summary(self) -> str:
        """The counts in one sentence, as the head of a report has them.

        Examples
        --------
        >>> CaptureStats(files=1, requests=214, calls=31, others={"other": 183}).summary
        '1 file, 214 requests: 31 to the Media Collection API, 183 others (not read).'
        """
        others = sum(self.others.values())
        parts = [
            ngettext(
                "{number:,} to the Media Collection API", "{number:,} to the Media Collection API", self.calls
            ).format(number=self.calls)
        ]
        if others:
            parts.append(
                ngettext("{number:,} other (not read)", "{number:,} others (not read)", others).format(number=others)
            )
        if self.unreadable:
            parts.append(
                ngettext("{number:,} that cannot be read", "{number:,} that cannot be read", self.unreadable).format(
                    number=self.unreadable
                )
            )
        requests = ngettext("{number:,} request", "{number:,} requests", self.requests).format(number=self.requests)
        if self.files:
            requests = (
                ngettext("{number} file", "{number} files", self.files).format(number=self.files) + f", {requests}"
            )
        return _("{requests}: {parts}.").format(requests=requests, parts=", ".join(parts))

    @property
    def advice(self) -> tuple[str, ...]:
        """What cannot be judged and the next click to make, one or two sentences each; empty when all is well."""
        found = list(self.damage)
        if self.others.get("connect") and not self.calls:
            found.append(
                ngettext(
                    "The capture is encrypted: there is {number} line CONNECT to the API, and nothing of "
                    "what went through it. In Charles: Proxy > SSL Proxying Settings > add "
                    "*.hb-api.omtrdc.net, then record again.",
                    "The capture is encrypted: there are {number:,} lines CONNECT to the API, and nothing of "
                    "what went through them. In Charles: Proxy > SSL Proxying Settings > add "
                    "*.hb-api.omtrdc.net, then record again.",
                    self.others["connect"],
                ).format(number=self.others["connect"])
            )
        found += [_ADVICE[kind].format(self.others[kind]) for kind in _NOT_JUDGED if self.others.get(kind)]
        for name in ("without_body", "short_bodies", "unmatched", "late", "no_zone"):
            if number := getattr(self, name):
                found.append(_ADVICE[name].format(number))
        if self.unreadable:
            found.append(
                ngettext(
                    "{number} entry cannot be read ({first}). The others were.",
                    "{number:,} entries cannot be read (the first of them is {first}). The others were.",
                    self.unreadable,
                ).format(first=self.named[0], number=self.unreadable)
            )
        if not self.calls and not found:
            found.append(
                ngettext(
                    "There is {number} request in it, and it is not one to the API. Was the recording on "
                    "from before the player started? In Chrome: switch on Preserve log, reload the page, "
                    "then play.",
                    "There are {number:,} requests in it, and none of them is one to the API. Was the "
                    "recording on from before the player started? In Chrome: switch on Preserve log, reload "
                    "the page, then play.",
                    self.requests,
                ).format(number=self.requests)
            )
        return tuple(found)

    def __str__(self) -> str:
        return "\n".join([self.summary, *self.advice])
