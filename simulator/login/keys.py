"""The ES256 keys that sign ID tokens."""

import secrets

from joserfc.jwk import ECKey

from simulator.state import Json, SigningKey


def fresh() -> SigningKey:
    key = ECKey.generate_key("P-256", private=True)
    return SigningKey(kid=secrets.token_hex(32), pem=key.as_pem(private=True).decode())


def private(key: SigningKey) -> ECKey:
    return ECKey.import_key(key.pem)


def public(key: SigningKey) -> Json:
    """The key as LINE lists it in its JWKS."""
    public = ECKey.import_key(key.pem).as_dict(private=False)
    return {
        "kty": "EC",
        "alg": "ES256",
        "use": "sig",
        "kid": key.kid,
        "crv": "P-256",
        "x": public["x"],
        "y": public["y"],
    }


def named(key: SigningKey) -> ECKey:
    """The public key under its kid."""
    return ECKey.import_key(public(key))
