"""Shared helpers: errors, clocks, JSON, HTML, messages. Imports no other package of mctoolkit."""
