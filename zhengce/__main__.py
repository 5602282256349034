"""`python -m zhengce`."""

from .cli import main

main()
