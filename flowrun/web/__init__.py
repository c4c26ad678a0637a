"""The web page and the API: readers of the history, and starters of runs in processes of their own."""
