"""``python -m protocols`` is ``psn``."""

from protocols.cli.app import main

if __name__ == "__main__":
    main()
