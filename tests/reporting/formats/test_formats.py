"""mctoolkit.formats: every function is reachable, and is imported only when it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mctoolkit import formats


def test_every_public_function_is_reachable() -> None:
    assert sorted(formats.__all__) == dir(formats)
    assert all(callable(getattr(formats, name)) for name in formats.__all__)
    with pytest.raises(AttributeError, match="to_yaml"):
        formats.to_yaml  # noqa: B018


def test_to_curl_imports_neither_pandas_nor_the_audit() -> None:
    code = (
        "import sys, mctoolkit; mctoolkit.formats.to_curl({}, 'company.hb-api.omtrdc.net'); "
        "sys.exit(not {'pandas', 'openpyxl', 'mctoolkit.auditing'}.isdisjoint(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
