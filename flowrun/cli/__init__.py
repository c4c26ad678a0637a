"""The command line: turns a person's wish into a call, and an answer into text."""
