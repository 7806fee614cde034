"""Foreign formats, one file each: Python code (``code``), the command line of curl (``curl``), Excel (``excel``)."""
