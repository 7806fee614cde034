"""Tables, timelines, explanations, comparisons, and files in the formats of other tools."""
