"""The compiled search behind enumeration, counts, places and least modes."""
