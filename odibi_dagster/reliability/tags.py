"""The run tags that the platform writes."""

HOST = "odibi/host"
PID = "odibi/pid"
STARTED = "odibi/started"
RUN = "odibi/run"  # the run that wrote these tags: a re-execution inherits its parent's
INPUTS = "odibi/inputs"
# The run whose writes this run repeats: the one it goes on with after a failure, else itself.
WRITES_AS = "odibi/writes_as"
