"""The reverse proxies of deploy/ as they stand there, on this machine: ports and certificate are
ours, and patience is short; every other line is the sample's."""

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.journeys.running import until

DEPLOY = Path(__file__).parents[2] / "deploy"
HOST = "line.example.com"
"""As the samples call it."""


@dataclass(frozen=True)
class Certificate:
    written: Path
    key: Path


def certificate(folder: Path) -> Certificate:
    """One for the samples' host that nobody trusts but whoever is given it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    found = Certificate(folder / "proxy.crt", folder / "proxy.key")
    found.written.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    found.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return found


@dataclass(frozen=True)
class Proxy:
    """A running proxy. `port` speaks TLS, `plain` does not."""

    name: str
    port: int
    plain: int
    certificate: Certificate
    folder: Path

    def client(self, address: str = "127.0.0.1") -> "Client":
        return Client(self, address)

    def log(self) -> str:
        return "".join(path.read_text("utf-8") for path in sorted(self.folder.glob("*.log")))

    @contextmanager
    def talk(self, **how: ssl.TLSVersion) -> Iterator[ssl.SSLSocket]:
        """A connection for bytes of one's own."""
        context = ssl.create_default_context(cafile=self.certificate.written)
        context.set_alpn_protocols(["h2", "http/1.1"] if not how else [])
        for name, version in how.items():
            setattr(context, name, version)
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=10) as bare,
            context.wrap_socket(bare, server_hostname=HOST) as spoken,
        ):
            yield spoken


class Client:
    """Somebody at an address of their own; all of 127.0.0.0/8 is this machine."""

    def __init__(self, proxy: Proxy, address: str) -> None:
        self._http = urllib3.HTTPSConnectionPool(
            "127.0.0.1", proxy.port, retries=False, timeout=20, maxsize=1,
            ca_certs=str(proxy.certificate.written), server_hostname=HOST, assert_hostname=HOST,
            source_address=(address, 0),
        )  # fmt: skip

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        return self._http.urlopen(
            method, path, body=body, headers={"Host": HOST} | dict(headers or {}),
            redirect=False, assert_same_host=False,
        )  # fmt: skip

    def close(self) -> None:
        self._http.close()


def _ports() -> tuple[int, int]:
    """Two that are free, and not the same one."""
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        return one.getsockname()[1], other.getsockname()[1]


def _sample(name: str, replaced: Mapping[str, str]) -> str:
    """The sample, each of these found in it and replaced."""
    text = (DEPLOY / name).read_text("utf-8")
    for pattern, new in replaced.items():
        text, times = re.subn(pattern, lambda _, new=new: new, text, flags=re.MULTILINE)
        assert times, f"deploy/{name} has no {pattern}"
    return text


@contextmanager
def nginx(folder: Path, product: int) -> Iterator[Proxy]:
    proxy = Proxy("nginx", *_ports(), certificate(folder), folder)
    sample = _sample(
        "nginx.conf",
        {
            r"^    listen \[::\].*\n": "",
            r"listen 80;": f"listen 127.0.0.1:{proxy.plain};",
            r"listen 443 ": f"listen 127.0.0.1:{proxy.port} ",
            r"server 127\.0\.0\.1:8000;": f"server 127.0.0.1:{product};",
            r"/etc/letsencrypt/\S*/fullchain\.pem": str(proxy.certificate.written),
            r"/etc/letsencrypt/\S*/privkey\.pem": str(proxy.certificate.key),
            r"/var/log/nginx/": f"{folder}/",
            r"client_body_timeout \d+s": "client_body_timeout 1s",
            r"client_header_timeout \d+s": "client_header_timeout 1s",
        },
    )
    (folder / "musubi.conf").write_text(sample, "utf-8")
    whole = folder / "nginx.conf"
    kept = " ".join(
        f"{what}_temp_path {folder}/{what};"
        for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/start.log;\n"
        f"{_as_ourselves()} events {{}}\n"
        f"http {{ {kept} access_log off; include {folder}/musubi.conf; }}\n",
        "utf-8",
    )
    with _started(["nginx", "-c", str(whole), "-p", str(folder)], proxy):
        yield proxy


def _as_ourselves() -> str:
    """As root, nginx would become somebody who may not look into our folder."""
    return "user root;" if Path("/proc/self").owner() == "root" else ""


@contextmanager
def caddy(folder: Path, product: int) -> Iterator[Proxy]:
    proxy = Proxy("caddy", *_ports(), certificate(folder), folder)
    ours = (
        f"{{\n\tadmin off\n\tdefault_bind 127.0.0.1\n\thttp_port {proxy.plain}\n"
        f"\thttps_port {proxy.port}\n\tstorage file_system {folder}/kept\n"
    )
    sample = _sample(
        "Caddyfile",
        {
            r"^\{\n": ours,
            r"^\ttls \{": f"\ttls {proxy.certificate.written} {proxy.certificate.key} {{",
            r"127\.0\.0\.1:8000": f"127.0.0.1:{product}",
            r"read_header \d+s": "read_header 1s",
            r"read_body \d+s": "read_body 2s",
        },
    )
    if _caddy_version() < (2, 6, 3):
        sample = re.sub(r"request_buffers \S+", "buffer_requests", sample)
    (folder / "Caddyfile").write_text(sample, "utf-8")
    command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    with _started(command, proxy):
        yield proxy


def _caddy_version() -> tuple[int, ...]:
    said = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", said)
    assert found, said
    return tuple(int(number) for number in found.groups())


@contextmanager
def _started(command: list[str], proxy: Proxy) -> Iterator[None]:
    home = {name: str(proxy.folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    with (proxy.folder / "said.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | home)
    try:
        until(lambda: process.poll() is not None or _listens(proxy.port), "it did not start")
        assert process.poll() is None, proxy.log()
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


PROXIES: Mapping[str, Callable[[Path, int], object]] = {"nginx": nginx, "caddy": caddy}


def needed(name: str) -> None:
    """Musubi runs behind any proxy; these two are tried where they are installed."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not on this machine: apt-get install {name}")
