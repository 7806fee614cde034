"""Run the command line with ``python -m mctoolkit``."""

from mctoolkit.cli import main

if __name__ == "__main__":
    main()
