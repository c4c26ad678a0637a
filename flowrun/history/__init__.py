"""History: what happened in earlier runs and happens in those that run now, written by runs and read by people."""
