"""Profiles of real hosts: the address, the test report suites, and the defaults of a form.

Profiles are the tables ``[hosts.NAME]`` of ``mctoolkit.toml``, which is never written. One more can be set by
environment variables:

======================================  ===============================================================================
``MCTOOLKIT_CONFIG``                    the path of the file; the default is ``mctoolkit.toml`` in the user's
                                        configuration folder, see :func:`default_path`. The earlier name
                                        ``MCTOOLKIT_PROFILES`` is still read
``MCTOOLKIT_HOST``, else ``MC_URI``     the host of the profile "environment"
``MCTOOLKIT_TEST_REPORT_SUITES``        its test report suites, separated by commas
======================================  ===============================================================================

A file in the current folder is not read: a cloned repository could mark a real report suite as a test suite. Under
``MCTOOLKIT_SEED`` there are no profiles, so that tests and stored notebooks do not depend on those of the user.
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
from mctoolkit.client.profiles.config import parse_config
from mctoolkit.client.profiles.confirmation import Confirmation, required_confirmation
from mctoolkit.client.profiles.profile import Profile, split_report_suites
from mctoolkit.models.target import read_target
from mctoolkit.spec import catalog

__all__ = ["Confirmation", "Profile", "default_path", "example_text", "profile", "profiles", "required_confirmation"]

CONFIG_VARIABLE = "MCTOOLKIT_CONFIG"
FILE_VARIABLES = (CONFIG_VARIABLE, "MCTOOLKIT_PROFILES")
HOST_VARIABLES = ("MCTOOLKIT_HOST", "MC_URI")
SUITES_VARIABLE = "MCTOOLKIT_TEST_REPORT_SUITES"


def default_path(environ: Mapping[str, str] | None = None) -> Path:
    """Return the path of the configuration file, which need not exist.

    Parameters
    ----------
    environ : Mapping, optional
        The environment variables; those of this process by default.

    Examples
    --------
    >>> default_path({"MCTOOLKIT_CONFIG": "/etc/mctoolkit.toml"}).name
    'mctoolkit.toml'
    """
    return _configured_path(os.environ if environ is None else environ) or _config_folder() / "mctoolkit.toml"


def profiles(
    config: str | os.PathLike[str] | None = None, *, environ: Mapping[str, str] | None = None
) -> Mapping[str, Profile]:
    """Return all profiles by name: those of the file in its order, then the one of the environment.

    Nothing is sent or written. Without a file and without variables, the mapping is empty.

    Parameters
    ----------
    config : path, optional
        The file; :func:`default_path` by default. Under ``MCTOOLKIT_SEED`` only a file given here is read.
    environ : Mapping, optional
        The environment variables; those of this process by default.

    Returns
    -------
    Mapping of str to Profile
        Read-only. The file is read again at each call.

    Raises
    ------
    InputError
        The file or a variable is invalid; the message lists every problem with its place.

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
    path = Path(config).expanduser() if config is not None else _configured_path(environ)
    found = _load_file(path, problems)
    from_environment = _load_environment(environ, problems)
    if from_environment is not None and from_environment.name in found:
        message = _(
            "[hosts.{name}] has the name of the profile from MCTOOLKIT_HOST or MC_URI. Rename it, or "
            "unset the variable."
        ).format(name=from_environment.name)
        problems.append(_("{place}: {message}").format(place=path or default_path(environ), message=message))
    if problems:
        head = ngettext(
            "Cannot read the profiles: {number} problem.", "Cannot read the profiles: {number} problems.", len(problems)
        ).format(number=len(problems))
        raise InputError("\n".join([head, *(f"- {problem}" for problem in problems)]))
    return MappingProxyType(found if from_environment is None else found | {from_environment.name: from_environment})


def profile(
    name: str, config: str | os.PathLike[str] | None = None, *, environ: Mapping[str, str] | None = None
) -> Profile:
    """Return one profile.

    Parameters
    ----------
    name : str
        The name: ``acme`` for the table ``[hosts.acme]``.
    config, environ
        See :func:`profiles`.

    Raises
    ------
    InputError
        The file or a variable is invalid.
    UsageError
        There is no profile of this name; the message has the nearest one.

    Examples
    --------
    >>> profile("environment", environ={"MC_URI": "company.hb-api.omtrdc.net"}).uri
    'company.hb-api.omtrdc.net'
    """
    found = profiles(config, environ=environ)
    if name in found:
        return found[name]
    nearest = catalog.nearest(name, found)
    if nearest is not None:
        known = _("Did you mean {nearest}?").format(nearest=nearest)
    elif found:
        known = _("Known profiles: {names}.").format(names=", ".join(found))
    else:
        known = _("There are no profiles yet. Add them to {path}, or set MCTOOLKIT_HOST.").format(
            path=default_path(environ) if config is None else config
        )
    raise UsageError(_("There is no profile {name}. {known}").format(name=repr(shorten(name, 80)), known=known))


def example_text() -> str:
    """Return the text of an example ``mctoolkit.toml`` with comments.

    Examples
    --------
    >>> print(example_text().splitlines()[4])
    [hosts.company-test]
    """
    return _(
        """\
# Configuration of mctoolkit. Each table [hosts.NAME] is a profile of a host.
# Write no secrets here: the Media Collection API has no password.

# Choose the name of the profile.
[hosts.company-test]

# Where requests are sent. Adobe or your administrator gives you this name.
uri = "company.hb-api.omtrdc.net"

# Report suites for tests. For any other one the form asks you to type its name
# before the first request, because data in a report suite cannot be deleted.
test_report_suites = ["company-test", "company-sandbox"]

# Default values of the form. Write text in quotes, numbers and true or false without.
[hosts.company-test.defaults]
"analytics.reportSuite" = "company-test"
"analytics.trackingServer" = "company.sc.omtrdc.net"
"visitor.marketingCloudOrgId" = "000000000000000000000000@AdobeOrg"
"media.channel" = "web"
"customMetadata.environment" = "test"
"""
    )


def _config_folder() -> Path:
    return platformdirs.user_config_path("mctoolkit", appauthor=False)


def _configured_path(environ: Mapping[str, str]) -> Path | None:
    named = next((environ[name].strip() for name in FILE_VARIABLES if environ.get(name, "").strip()), "")
    return Path(named).expanduser() if named else None


def _load_environment(environ: Mapping[str, str], problems: list[str]) -> Profile | None:
    variable = next((name for name in HOST_VARIABLES if environ.get(name, "").strip()), None)
    suites = split_report_suites(environ.get(SUITES_VARIABLE, ""))
    if variable is None:
        if suites:
            message = _("test report suites without a host. Set MCTOOLKIT_HOST too.")
            problems.append(_("{place}: {message}").format(place=SUITES_VARIABLE, message=message))
        return None
    host = environ[variable].strip()
    try:
        read_target(host)
    except HostError as error:
        problems.append(_("{place}: {message}").format(place=variable, message=error))
        return None
    return Profile(_("environment"), host, suites)


def _load_file(named: Path | None, problems: list[str]) -> dict[str, Profile]:
    path = named or _config_folder() / "mctoolkit.toml"
    found: dict[str, Profile] = {}
    try:
        found, messages = parse_config(path.read_bytes())
    except FileNotFoundError:
        old = _config_folder() / "profiles.toml"
        if named is not None:
            messages = [_("the file does not exist. Correct the path.")]
        elif old.exists():
            messages = [
                _(
                    "the file is no longer read. Write it to {path}: each table [NAME] as [hosts.NAME], its key host "
                    "as uri, and [NAME.defaults] as [hosts.NAME.defaults]."
                ).format(path=path)
            ]
            path = old
        else:
            messages = []
    except OSError as error:
        messages = [_("the file cannot be read ({reason}).").format(reason=error_reason(error))]
    problems += [_("{place}: {message}").format(place=path, message=message) for message in messages]
    return found
