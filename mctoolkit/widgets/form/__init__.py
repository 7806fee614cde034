"""The form that builds and sends a sessionStart request."""
