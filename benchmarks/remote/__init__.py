"""Remote: what is measured through Redis and Dask. Each program starts its workers itself and tells what it found."""
