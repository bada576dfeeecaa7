"""The program: started and stopped, remembering what it is told to, over TLS under LINE's names."""

import datetime as dt
import ssl
from pathlib import Path

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from simulator.child import Ended
from simulator.running import Simulator


def test_it_remembers_what_stands_in_its_file(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with Simulator(state_file=file) as sim:
        user_id = sim.add_person("花子", phone="+819011112222")
        sim.say(user_id, "hello")
        sim.control("POST", "/control/quota", {"limit": 7, "used": 3})
        token = sim.id_token(user_id)
    with Simulator(state_file=file) as sim:
        person = sim.person(user_id)
        assert person["name"] == "花子"
        assert [entry["message"]["text"] for entry in person["chat"]] == ["hello"]
        assert sim.state()["quota"] == {"limit": 7, "used": 3}
        header = token.partition(".")[0]
        assert sim.id_token(user_id).partition(".")[0] == header, "the same key signs"


def test_a_wrong_setting_ends_it() -> None:
    sim = Simulator(quota="many")
    with pytest.raises(Ended, match="ended"):
        sim.start()
    sim.stop()


def test_the_port_is_closed_after(tmp_path: Path) -> None:
    with Simulator(log=tmp_path / "log") as sim:
        url = sim.url
        assert urllib3.request("GET", f"{url}/healthz", retries=False).json() == {"ok": True}
    with pytest.raises(urllib3.exceptions.HTTPError):
        urllib3.request("GET", f"{url}/healthz", retries=False)
    assert "plays LINE at" in (tmp_path / "log").read_text()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of api.line.me that signs itself, and its key."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.line.me")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("api.line.me")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


def test_over_tls_under_lines_own_name(certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    with Simulator(tls=True, tls_cert=cert, tls_key=key) as sim:
        pool = urllib3.HTTPSConnectionPool(
            "127.0.0.1",
            sim.tls_port,
            server_hostname="api.line.me",
            assert_hostname="api.line.me",
            ssl_context=ssl.create_default_context(cafile=str(cert)),
        )
        headers = {"Host": "api.line.me"}
        for _ in range(3):
            keys = pool.request("GET", "/oauth2/v2.1/certs", headers=headers).json()["keys"]
            assert keys[0]["alg"] == "ES256"
        assert pool.num_connections == 1, "the connection stays open"
        login = pool.request("GET", "/.well-known/openid-configuration", headers=headers).json()
        assert login["token_endpoint"] == "https://api.line.me/oauth2/v2.1/token"
        pool.close()
