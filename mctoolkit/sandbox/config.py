"""The options of a sandbox, defined once for ``Sandbox``, ``serve`` and the command line."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from mctoolkit._core.clocks import Clock, IdSource
from mctoolkit.sandbox.faults import Fault

__all__ = ["SandboxConfig", "with_options_of"]

_P = ParamSpec("_P")
_ConfigT = TypeVar("_ConfigT")
_SelfT = TypeVar("_SelfT")


@dataclass(frozen=True, kw_only=True)
class SandboxConfig:
    """The options of a sandbox: :class:`~mctoolkit.sandbox.Sandbox` describes each.

    Examples
    --------
    >>> SandboxConfig(port=8765, lenient=True).port
    8765
    """

    port: int = 0
    clock: Clock | None = None
    ids: IdSource | None = None
    faults: Iterable[str | Fault] = ()
    lan: bool = False
    allow_hosts: Iterable[str] = ()
    tls: bool = False
    tls_cert: str | Path | None = None
    tls_key: str | Path | None = None
    lenient: bool = False


def with_options_of(
    config: Callable[_P, _ConfigT],
) -> Callable[[Callable[[_SelfT, _ConfigT], None]], Callable[Concatenate[_SelfT, _P], None]]:
    """Let an ``__init__`` that takes a config object accept the fields of the config as keyword arguments.

    Parameters
    ----------
    config : type
        The dataclass with the options.

    Returns
    -------
    callable
        The decorator for ``__init__``. Type checkers and ``help`` show the fields of the config.

    Examples
    --------
    >>> class Server:
    ...     @with_options_of(SandboxConfig)
    ...     def __init__(self, config: SandboxConfig) -> None:
    ...         self.port = config.port
    >>> Server(port=8765).port
    8765
    """

    def decorate(init: Callable[[_SelfT, _ConfigT], None]) -> Callable[Concatenate[_SelfT, _P], None]:
        @functools.wraps(init)
        def with_options(self: _SelfT, /, *args: _P.args, **options: _P.kwargs) -> None:
            init(self, config(*args, **options))

        own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
        signature = inspect.signature(config)
        with_options.__signature__ = signature.replace(parameters=[own, *signature.parameters.values()])  # type: ignore[attr-defined]
        return with_options

    return decorate
