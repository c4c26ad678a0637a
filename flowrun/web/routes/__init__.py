"""The routes of the API, each answered from the history, by a look at files, or by a process of its own."""
