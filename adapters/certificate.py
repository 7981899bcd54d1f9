"""The certificate that servers show: made once per process, self-signed, P-256 (an RSA key would cost more than all handshakes)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache


@cache
def certificate() -> tuple[bytes, bytes]:
    """Return a certificate and its key, both DER, the key in SEC 1 form (which every release reads)."""
    from cryptography import x509  # noqa: PLC0415  # 60 ms that the model and --help do without
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sslspec.invalid")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.DER), secret
