"""python -m flowrun: the same as the command `flowrun`."""

from .cli.stops import stop_quietly

stop_quietly()  # first: until then, Python answers Ctrl-C with a traceback of its own

from .cli.main import main  # noqa: E402

main()
