"""Send requests to the API, keep them in a journal, and configure hosts in profiles."""
