"""Looks at everything a deployment needs, live, and says what is wrong and what to do."""
