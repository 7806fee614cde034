"""What the API is, written once: data files, the sentences about them, and a typed view (``catalog``, ``schemas``)."""
