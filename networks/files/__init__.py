"""Network files, a format a module: JSON and GraphML both ways, tables to read. ``load`` chooses by the end of the name;
``attributes`` holds what all formats have in common."""
