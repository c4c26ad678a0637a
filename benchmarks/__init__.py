"""How fast flowrun is, measured beside raw floors and other tools in the same run: `python -m benchmarks`."""
