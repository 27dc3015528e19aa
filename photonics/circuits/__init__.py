"""Circuits as plain data: operations, parameters, meshes of beam splitters, documents."""
