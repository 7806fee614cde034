"""The form for one request."""
