"""Apache Spark for a run: its jars, its settings, its session. pyspark is imported when it is used."""
