"""The cases, a module for each family of the catalogue: CASES maps an entry's name to what is asked of it."""
