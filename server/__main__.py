"""`python -m server`: the command line. Its imports take a second, in which Ctrl-C ends it like at any other time."""

import gc

if __name__ == "__main__":
    # Nearly all that an import makes is kept. To look through it again and again takes a tenth of the time.
    gc.disable()
    try:
        from server.commands import main

        gc.enable()
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
