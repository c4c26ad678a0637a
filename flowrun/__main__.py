"""python -m flowrun: the same as the command `flowrun`."""

from .cli.main import main

main()
