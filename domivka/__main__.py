"""`python -m domivka` is `domivka`."""

from domivka.config.cli import main

main()
