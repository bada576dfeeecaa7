"""LINE's real host names, answered on this machine: a certificate of our own, and where to look."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOSTS = (
    "api.line.me",
    "api-data.line.me",
    "access.line.me",
    "liff.line.me",
    "liff-subwindow.line.me",
    "liffsdk.line-scdn.net",
    "static.line-scdn.net",
)
SDK = "https://static.line-scdn.net/liff/edge/2/sdk.js"


def browser_flags(tls_port: int) -> list[str]:
    """Chromium's flags: these hosts are here, and no other host is anywhere."""
    rules = [f"MAP {host}:443 127.0.0.1:{tls_port}" for host in HOSTS]
    nowhere = ["MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1"]
    return ["--host-resolver-rules=" + ", ".join(rules + nowhere)]


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for all of them that nobody trusts, and its key; as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "LINE, played")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    written, secret = folder / "line.crt", folder / "line.key"
    written.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return written, secret
