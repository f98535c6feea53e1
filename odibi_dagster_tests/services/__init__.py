"""Real programs that tests need, found or started here and stopped with the test."""
