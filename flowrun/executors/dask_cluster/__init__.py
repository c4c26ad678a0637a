"""A Dask cluster as a place for attempts: what the runner does, what happens on the workers, and clusters of our own.

Runner: `dispatch` (the attempts under way), `link` (the connection to the scheduler), `clusters` (where it comes from).
Worker: `on_worker` (what Dask calls), `outpost` (what one run has on a worker), `crew` (who performs its attempts),
`news` (what it tells the runner).
Between them travel an `order` for each attempt and the `project`, both plain data.
"""
