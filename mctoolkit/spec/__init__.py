"""The specification of the API as data, and typed access to it (``catalog``, ``schemas``, ``paths``)."""
