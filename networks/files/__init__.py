"""Network files: JSON, GraphML and tables, both ways, and the attributes in them."""
