"""`python -m ankillm` is `ankillm`."""

from ankillm.cli import main

if __name__ == "__main__":
    main()
