"""Settings of the web server; `portal run` and the demo use them: two processes, four threads."""

import gc
import os
import tempfile
from pathlib import Path

from prometheus_client import multiprocess

worker_class = "gthread"
workers = 2
threads = 4
keepalive = 30
timeout = 60
graceful_timeout = 30
max_requests = 20_000  # a process is renewed now and then, not all at once
max_requests_jitter = 2_000
preload_app = True  # what both processes read lies in memory once
control_socket_disable = True  # else gunicorn writes a socket into the home folder
# The sign of life of a process is a file: on a disk that is busy it would come too late.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else tempfile.gettempdir()  # noqa: S108
loglevel = "warning"
forwarded_allow_ips = ""  # the portal itself reads the proxy's headers: PORTAL_PROXIES


def when_ready(_server):
    """Leave out of the garbage collection what was there before the fork: it stays shared."""
    gc.collect()
    gc.freeze()


def child_exit(_server, worker):
    """Counters of several processes meet in PROMETHEUS_MULTIPROC_DIR."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)
