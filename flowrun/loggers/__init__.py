"""Loggers: the contract is in `flowrun.loggers.logger`."""
