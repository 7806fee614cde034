"""The public names of mctoolkit, and what importing them loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

import mctoolkit

LARGE_LIBRARIES = ("pandas", "ipywidgets", "requests", "starlette", "uvicorn", "jsonschema_rs", "typer", "numpy")


@pytest.mark.parametrize("name", mctoolkit.__all__)
def test_public_name_is_documented(name: str) -> None:
    found = getattr(mctoolkit, name)
    assert found.__name__.rpartition(".")[2] == name
    assert found.__doc__


def test_list_of_names_is_sorted_and_complete() -> None:
    assert sorted(mctoolkit.__all__, key=lambda name: (name[0].islower(), name)) == mctoolkit.__all__
    assert set(mctoolkit.__all__) == {*mctoolkit._MODULE_OF, *mctoolkit._SUBPACKAGES}


def test_validate_is_the_function_also_on_second_use() -> None:
    first = mctoolkit.validate
    assert mctoolkit.validate is first
    assert callable(first)


def test_unknown_name_raises() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = mctoolkit.nothing


def test_import_loads_no_large_library() -> None:
    code = f"import sys, mctoolkit; print([name for name in {LARGE_LIBRARIES!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_version_is_that_of_the_distribution() -> None:
    from importlib.metadata import version

    assert mctoolkit.__version__ == version("mctoolkit")


def test_showing_a_form_does_not_load_pandas() -> None:
    code = (
        "import sys; from mctoolkit import Sandbox, SessionForm\n"
        "with Sandbox() as sandbox: SessionForm(sandbox).send()._repr_html_()\n"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
