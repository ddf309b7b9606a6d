"""`python -m lintkit`."""

from lintkit.cli.main import main

if __name__ == "__main__":
    main()
