"""One deployment: where bytes live, which engine works, how runs are executed."""

from odibi_dagster.environment.load import Environment, default_lake, load_environment

__all__ = ["Environment", "default_lake", "load_environment"]
