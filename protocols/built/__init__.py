"""Plans as they are built: the light of each along the links, with every loss that it meets on the way."""
