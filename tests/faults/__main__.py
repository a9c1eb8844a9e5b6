"""`python -m tests.faults`."""

# Every process that the suite forks imports this module again, so it must be nearly empty.
if __name__ == "__main__":
    from tests.faults.cli import main

    main()
