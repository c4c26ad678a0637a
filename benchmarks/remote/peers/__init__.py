"""Other ways to hand work to workers through Redis, each installed for itself, with its own defaults where it can."""
