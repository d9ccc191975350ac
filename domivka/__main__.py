"""`python -m domivka` is `domivka`."""

from domivka.config.cli import main

if __name__ == "__main__":
    main()
