"""Find the name that is most similar to a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _

__all__ = ["nearest", "unknown_name_error"]

_MAX_LISTED_NAMES = 10
"""If no name is similar and there are at most this many names, list them all."""
_MAX_COMPARED_LENGTH = 100

_UNKNOWN = {
    "key": Message("The API has no key {name}."),
    "event_type": Message("The API has no event type {name}."),
    "rule": Message("There is no rule {name}."),
    "preset": Message("There is no example {name}."),
    "mistake": Message("There is no mistake {name}."),
    "question": Message("There is no question {name}."),
}


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the most similar of some names, or None if none is similar.

    Examples
    --------
    >>> nearest("medai.lenght", ["media.length", "media.id"])
    'media.length'
    """
    folded = {candidate.casefold(): candidate for candidate in names}
    close = difflib.get_close_matches(name.casefold()[:_MAX_COMPARED_LENGTH], folded, n=1, cutoff=0.7)
    return folded[close[0]] if close else None


def unknown_name_error(kind: str, name: object, names: Iterable[str]) -> UsageError:
    """Return the error for an unknown name, with the most similar name, or with all names if they are few.

    Examples
    --------
    >>> print(unknown_name_error("event_type", "sesionStart", ["sessionStart", "play"]))
    The API has no event type 'sesionStart'. Did you mean 'sessionStart'?
    """
    message = _UNKNOWN[kind].format(name=repr(name))
    known = tuple(names)
    close = nearest(str(name), known)
    if close:
        message += " " + _("Did you mean {name}?").format(name=repr(close))
    elif len(known) <= _MAX_LISTED_NAMES:
        message += " " + _("Choose one of: {names}.").format(names=", ".join(known))
    return UsageError(message)
