"""The run tags that the platform writes."""

HOST = "odibi/host"
PID = "odibi/pid"
STARTED = "odibi/started"
RUN = "odibi/run"  # the run that wrote these tags: a re-execution inherits its parent's
INPUTS = "odibi/inputs"
