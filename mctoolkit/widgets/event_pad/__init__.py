"""The event pad: play a session with buttons."""
