"""Run the benchmarks and print one table."""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import sys

import benchmarks
from benchmarks import Row

HEADER = ("what", "ours", "peer", "its time", "ratio", "quartiles", "goal", "")


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; return the exit status."""
    there = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.name.startswith("_")]
    unknown = [name for name in names if name not in there]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(there)}.", file=sys.stderr)
        return 2
    lines: list[tuple[str, ...]] = [HEADER]
    for name in names or there:
        rows = getattr(importlib.import_module(f"benchmarks.{name}"), "rows", None)
        for row in rows() if rows is not None else ():
            lines.append(_line(row))
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    print(f"\nPython {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores.")
    return 0


def _line(row: Row) -> tuple[str, ...]:
    met = "" if row.goal is None else "met" if row.goal.met(row.ratio) else "NOT MET"
    return (
        row.what,
        _amount(row.ours_us, row.unit),
        row.peer,
        _amount(row.peer_us, row.unit),
        f"{row.ratio:.2f}",
        f"{row.low:.2f} to {row.high:.2f}",
        str(row.goal or ""),
        met,
    )


def _amount(us: float, unit: str) -> str:
    if unit:
        return f"{us:,.0f} {unit}"
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if us >= size:
            return f"{us / size:.3g} {unit}"
    return f"{us:.3g} µs"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
