"""What the makers of mctoolkit run: pictures of the form, and the notebooks afresh."""
