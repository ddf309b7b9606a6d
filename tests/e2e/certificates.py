"""Keys and certificates of a cluster on loopback, and tokens; made with openssl."""

from __future__ import annotations

import base64
import json
import subprocess
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate that speaks for 127.0.0.1, and its key."""
    made, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
            "-addext", "subjectAltName=IP:127.0.0.1", "-out", made, "-keyout", key,
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return made, key


def signing_key(folder: Path, name: str) -> Path:
    """A key that signs the tokens of service accounts."""
    key = folder / f"{name}.key"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    return key


def signed_token(key: Path, claims: dict[str, object]) -> str:
    """A token like those of the API server, signed with its own key."""
    parts = b".".join(_encoded(json.dumps(one).encode()) for one in ({"alg": "RS256", "typ": "JWT"}, claims))
    signed = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", key], input=parts, check=True, capture_output=True
    ).stdout
    return b".".join((parts, _encoded(signed))).decode()


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def kubeconfig(file: Path, url: str, token: str, ca: Path) -> Path:
    """A kubeconfig with one context, `e2e`."""
    file.write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "e2e",
                "clusters": [{"name": "e2e", "cluster": {"server": url, "certificate-authority": str(ca)}}],
                "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": "e2e"}}],
                "users": [{"name": "e2e", "user": {"token": token}}],
            }
        ),
        "utf-8",
    )
    return file
