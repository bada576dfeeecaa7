"""How gunicorn serves the web process: threads, one socket for all, an orderly end."""

from pathlib import Path

from prometheus_client import multiprocess

from core.settings import Settings

settings = Settings.load()

bind = f"{settings.host}:{settings.port}"
worker_class = "gthread"
workers = settings.web_workers
threads = settings.web_threads
# No reuse_port: a socket of each process takes what waits in it along when the process ends.
keepalive = 65  # longer than a proxy keeps its own
timeout = 30
graceful_timeout = 5  # kept connections that idle use it up; requests take far less
max_requests = 1_000_000  # whoever is just sending over a kept connection is cut off then
max_requests_jitter = 100_000
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a heartbeat file
limit_request_line = 8190
forwarded_allow_ips = ""  # no header is believed here; TRUSTED_PROXIES says whose are, to the app
control_socket_disable = True
accesslog = None  # addresses and query strings are personal; the proxy keeps what must be kept


def child_exit(server, worker):  # type: ignore[no-untyped-def]
    multiprocess.mark_process_dead(worker.pid)
