"""``python -m protocols`` is ``psn``."""

from protocols.cli.entry import main

if __name__ == "__main__":
    main()
