"""Results for people: terminal and notebook views, summaries, figures, the folder that --out writes."""
