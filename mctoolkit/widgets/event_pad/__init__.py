"""The event pad: play a session by hand."""
