"""The lake owns the table log: what is in a table, and the one way to change it."""
