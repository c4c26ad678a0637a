"""Tasks that ship in the box. Each is imported when a job names it."""
