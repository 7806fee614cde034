"""``python -m mctoolkit`` is the command line."""

from mctoolkit.cli import main

if __name__ == "__main__":
    main()
