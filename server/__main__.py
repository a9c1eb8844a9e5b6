"""`python -m server`: the command line. Its imports take a second, in which Ctrl-C ends it like at any other time."""

if __name__ == "__main__":
    try:
        from server.commands import main

        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
