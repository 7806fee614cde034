"""Panels that follow a sandbox: the monitor and the guided checklist."""
