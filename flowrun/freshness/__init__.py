"""Freshness: whether what a task would make is there already, because nothing that it depends on has changed."""
