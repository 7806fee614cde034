"""What every package stands on: errors, clocks, JSON, HTML, messages. Imports nothing of mctoolkit."""
