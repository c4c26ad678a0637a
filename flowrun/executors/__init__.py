"""Executors: the contract is in `flowrun.executors.executor`."""
