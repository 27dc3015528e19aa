"""Who is to be cited: the literature in one table, what of it a result used, and BibTeX of both."""
