"""Where a user starts: network files made from templates, and the examples that are shipped with the package."""
