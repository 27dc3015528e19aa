"""The interferometer that the links of a network allow: where its light starts, which links it takes, and what that costs."""
