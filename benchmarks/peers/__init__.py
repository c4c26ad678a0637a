"""Other tools, each in a virtual environment of its own."""
