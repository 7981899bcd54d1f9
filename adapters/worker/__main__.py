"""The worker process; see server.py."""

from sslspec.adapters.worker.server import main

main()
