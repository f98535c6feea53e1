"""Files that land become trusted bronze, silver and gold tables, on Dagster."""
