"""Functions as tasks: a class is made of each function with `@task` above it, when a job needs it."""
