"""How light of one or two photons is made: sources, beam splitters along the links, and how often they succeed."""
