"""Files that land, in numbered batches, each exactly once."""
