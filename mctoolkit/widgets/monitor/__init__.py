"""The monitor of a sandbox and the guided checklist."""
