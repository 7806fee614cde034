"""Foreign formats, one file each: Python code (``code``) and the command line of curl (``curl``)."""
