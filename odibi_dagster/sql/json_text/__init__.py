"""JSON in columns of text, read and written as Spark does: Python functions that compiled SQL calls."""
