"""`python -m bedev_lint`."""

from bedev_lint.cli import main

if __name__ == "__main__":
    main()
