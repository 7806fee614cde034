"""Profiles: a real host with its test report suites, and the values that a form begins with.

They are tables ``[hosts.NAME]`` of ``mctoolkit.toml``, which this module reads and never writes, and one can come from
the environment:

======================================  ===============================================================================
``MCTOOLKIT_CONFIG``                    the path of the file; without it, ``mctoolkit.toml`` in the user's configuration
                                        folder of mctoolkit (:func:`default_path` returns its path).
                                        ``MCTOOLKIT_PROFILES``, the earlier name, is read too
``MCTOOLKIT_HOST``, else ``MC_URI``     the host of one more profile, called "environment"
``MCTOOLKIT_TEST_REPORT_SUITES``        its test report suites, separated by commas
======================================  ===============================================================================

A file in the current folder is never read: a cloned repository could mark a real report suite as a test. Under
``MCTOOLKIT_SEED`` there are no profiles, so that tests and stored notebooks never depend on a person's own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import platformdirs

from mctoolkit._core import clocks
from mctoolkit._core.errors import HostError, InputError, UsageError, error_reason
from mctoolkit._core.html import shorten
from mctoolkit._core.messages import gettext as _
from mctoolkit._core.messages import ngettext
from mctoolkit.client.profiles.config import read
from mctoolkit.client.profiles.confirmation import Confirmation, confirmation
from mctoolkit.client.profiles.profile import Profile, report_suites
from mctoolkit.models.target import read_target
from mctoolkit.spec import catalog

__all__ = ["Confirmation", "Profile", "confirmation", "default_path", "example_text", "profile", "profiles"]

CONFIG_VARIABLE = "MCTOOLKIT_CONFIG"
FILE_VARIABLES = (CONFIG_VARIABLE, "MCTOOLKIT_PROFILES")
HOST_VARIABLES = ("MCTOOLKIT_HOST", "MC_URI")
SUITES_VARIABLE = "MCTOOLKIT_TEST_REPORT_SUITES"


def default_path(environ: Mapping[str, str] | None = None) -> Path:
    """Return the path of the configuration file, whether or not it exists.

    Parameters
    ----------
    environ : Mapping, optional
        The environment variables; those of this process by default.
    """
    return _named_path(os.environ if environ is None else environ) or _folder() / "mctoolkit.toml"


def profiles(
    config: str | os.PathLike[str] | None = None, *, environ: Mapping[str, str] | None = None
) -> Mapping[str, Profile]:
    """Return all profiles by name: those of the file in its order, then that of the environment.

    Nothing is sent, looked up or written. Without a file and variables there are none.

    Parameters
    ----------
    config : path, optional
        The file; :func:`default_path` by default. A file that is named here is also read under ``MCTOOLKIT_SEED``.
    environ : Mapping, optional
        The environment variables; those of this process by default.

    Returns
    -------
    Mapping of str to Profile
        Read again at each call; it cannot be changed.

    Raises
    ------
    InputError
        Something is wrong with the file or a variable: the message lists every problem with its place.

    Examples
    --------
    >>> environ = {"MC_URI": "company.hb-api.omtrdc.net", "MCTOOLKIT_TEST_REPORT_SUITES": "company-test"}
    >>> list(profiles(environ=environ))
    ['environment']
    """
    environ = os.environ if environ is None else environ
    if environ.get(clocks.SEED_VARIABLE):
        if config is None:
            return MappingProxyType({})
        environ = {}
    problems: list[str] = []
    named = Path(config).expanduser() if config is not None else _named_path(environ)
    found = _of_file(named, problems)
    own = _of_environment(environ, problems)
    if own is not None and own.name in found:
        what = _(
            "[hosts.{name}] has the name of the profile from MCTOOLKIT_HOST or MC_URI. Rename it, or "
            "unset the variable."
        ).format(name=own.name)
        problems.append(_("{place}: {what}").format(place=named or default_path(environ), what=what))
    if problems:
        head = ngettext(
            "Cannot read the profiles: {number} problem.", "Cannot read the profiles: {number} problems.", len(problems)
        ).format(number=len(problems))
        raise InputError("\n".join([head, *(f"- {problem}" for problem in problems)]))
    return MappingProxyType(found if own is None else found | {own.name: own})


def profile(
    name: str, config: str | os.PathLike[str] | None = None, *, environ: Mapping[str, str] | None = None
) -> Profile:
    """Return one profile.

    Parameters
    ----------
    name : str
        Its name: ``acme`` for the table ``[hosts.acme]``.
    config, environ
        See :func:`profiles`.

    Raises
    ------
    InputError
        Something is wrong with the file or a variable.
    UsageError
        There is no such profile; the message has the nearest name.
    """
    found = profiles(config, environ=environ)
    if name in found:
        return found[name]
    close = catalog.nearest(name, found)
    if close is not None:
        known = _("Did you mean {nearest}?").format(nearest=close)
    elif found:
        known = _("There are: {names}.").format(names=", ".join(found))
    else:
        known = _("There are none yet: write them into {path}, or set MCTOOLKIT_HOST.").format(
            path=default_path(environ) if config is None else config
        )
    raise UsageError(_("There is no profile {name}. {known}").format(name=repr(shorten(name, 80)), known=known))


def example_text() -> str:
    """Return the text of a ``mctoolkit.toml`` with comments, to begin with.

    Examples
    --------
    >>> print(example_text().splitlines()[4])
    [hosts.company-test]
    """
    return (
        _(
            "# Configuration of mctoolkit. A table [hosts.NAME] is a profile: a host with what "
            "belongs to it.\n# Write no secrets here: the Media Collection API has no password.\n\n# "
            "Choose the name of the profile.\n[hosts.company-test]\n\n# Where requests go. Adobe, or "
            'your administrator, gives you this name.\nuri = "company.hb-api.omtrdc.net"\n\n# Report '
            "suites that are for tests. For any other one the form asks you to type its name\n# "
            "before the first request: what is counted in a report suite can never be "
            'deleted.\ntest_report_suites = ["company-test", "company-sandbox"]\n\n# The values that a '
            "form begins with. Write text in quotes, numbers and true or false "
            'without.\n[hosts.company-test.defaults]\n"analytics.reportSuite" = '
            '"company-test"\n"analytics.trackingServer" = '
            '"company.sc.omtrdc.net"\n"visitor.marketingCloudOrgId" = '
            '"000000000000000000000000@AdobeOrg"\n"media.channel" = '
            '"web"\n"customMetadata.environment" = "test"'
        )
        + "\n"
    )


def _folder() -> Path:
    return platformdirs.user_config_path("mctoolkit", appauthor=False)


def _named_path(environ: Mapping[str, str]) -> Path | None:
    named = next((environ[name].strip() for name in FILE_VARIABLES if environ.get(name, "").strip()), "")
    return Path(named).expanduser() if named else None


def _of_environment(environ: Mapping[str, str], problems: list[str]) -> Profile | None:
    variable = next((name for name in HOST_VARIABLES if environ.get(name, "").strip()), None)
    suites = report_suites(environ.get(SUITES_VARIABLE, ""))
    if variable is None:
        if suites:
            what = _("this lists test report suites, but no host is set. Set MCTOOLKIT_HOST too.")
            problems.append(_("{place}: {what}").format(place=SUITES_VARIABLE, what=what))
        return None
    host = environ[variable].strip()
    try:
        read_target(host)
    except HostError as error:
        problems.append(_("{place}: {what}").format(place=variable, what=error))
        return None
    return Profile(_("environment"), host, suites)


def _of_file(named: Path | None, problems: list[str]) -> dict[str, Profile]:
    path = named or _folder() / "mctoolkit.toml"
    found: dict[str, Profile] = {}
    try:
        found, wrong = read(path.read_bytes())
    except FileNotFoundError:
        old = _folder() / "profiles.toml"
        if named is not None:
            wrong = [_("this file does not exist. Correct its path.")]
        elif old.exists():
            wrong = [
                _(
                    "this file is not read any more. Write it as {path}: each table [NAME] as [hosts.NAME], "
                    "its key host as uri, and [NAME.defaults] as [hosts.NAME.defaults]."
                ).format(path=path)
            ]
            path = old
        else:
            wrong = []
    except OSError as error:
        wrong = [_("this file cannot be read ({reason}).").format(reason=error_reason(error))]
    problems += [_("{place}: {what}").format(place=path, what=what) for what in wrong]
    return found
