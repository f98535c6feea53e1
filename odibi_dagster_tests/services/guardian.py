"""Runs a server and ends it when whoever started it is gone, however they went: `guardian.py COMMAND…`.

Standard input is a pipe that nobody writes to. It closes when the starter closes it, ends, or is killed, on
Linux and macOS alike. The guardian is in a session of its own, so a Ctrl-C at the terminal ends the tests and
leaves the servers to them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

#: How long a server may take over its own end; nobody needs what it would still write.
PATIENCE = 1.0


def main() -> int:
    server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)

    def watch() -> None:
        os.read(0, 1)  # and not sys.stdin, whose lock would be held at the end
        server.terminate()
        try:
            server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.kill()

    threading.Thread(target=watch, daemon=True).start()
    return server.wait()


if __name__ == "__main__":
    sys.exit(main())
