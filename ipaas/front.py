"""The front server of a demo: Debian's nginx with the files of deploy/nginx, on a loopback port with TLS.

Production includes the same two files from its own site (deploy/nginx/site.conf). What differs here is what a machine
of one's own must say itself: ports, directories, and a certificate that nobody signed.
"""

import os
import pwd
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SHIPPED = Path(__file__).resolve().parent.parent / "deploy" / "nginx"
ADDRESS = "127.0.0.1"
CERTIFICATE, KEY = "front.crt", "front.key"
DAYS = 30

MAIN = """\
daemon off;
user {user};
worker_processes 2;
pid {here}/nginx.pid;
error_log {here}/error.log;
events {{ worker_connections 2048; }}
http {{
    include {mime_types};
    client_body_temp_path {here}/body;
    proxy_temp_path {here}/proxy;
    fastcgi_temp_path {here}/fastcgi;
    uwsgi_temp_path {here}/uwsgi;
    scgi_temp_path {here}/scgi;
    include {shipped}/tillbridge-http.conf;
    upstream tillbridge_pages {{ server unix:{pages}; keepalive 16; }}
    upstream tillbridge_hooks {{ server unix:{hooks}; keepalive 16; }}
    server {{
        listen {address}:{port} ssl http2 backlog=1024;
        ssl_certificate {here}/{certificate};
        ssl_certificate_key {here}/{key};
        access_log {here}/access.log tillbridge;
        set $tillbridge_static {static};
        include {shipped}/tillbridge-server.conf;
    }}
}}
"""


class NoFrontServer(RuntimeError):
    """nginx is not installed here; the message says how to get it."""


@dataclass(frozen=True, kw_only=True)
class Front:
    """An nginx of our own: where its files and the sockets of what stands behind it lie, and its port."""

    directory: Path
    port: int

    @property
    def pages(self) -> Path:
        """The socket of the web server for people's pages."""
        return self.directory / "pages.sock"

    @property
    def hooks(self) -> Path:
        """The socket of the web server for callbacks."""
        return self.directory / "hooks.sock"

    @property
    def url(self) -> str:
        return f"https://{ADDRESS}:{self.port}"

    @property
    def certificate(self) -> Path:
        """What a client must trust to talk to it."""
        return self.directory / CERTIFICATE

    def prepare(self) -> None:
        """Make the directory, which is ours alone: who reaches a socket is believed what it says of its client."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)

    def command(self) -> list[str]:
        """Write configuration and certificate; the command that serves. Raises NoFrontServer."""
        self.prepare()
        _certify(self.directory)
        text = MAIN.format(
            user=pwd.getpwuid(os.geteuid()).pw_name,
            here=self.directory,
            mime_types="/etc/nginx/mime.types",
            shipped=SHIPPED,
            address=ADDRESS,
            port=self.port,
            pages=self.pages,
            hooks=self.hooks,
            static=SHIPPED.parent.parent / "static",
            certificate=CERTIFICATE,
            key=KEY,
        )
        (self.directory / "nginx.conf").write_text(text)
        return [program(), "-c", str(self.directory / "nginx.conf"), "-e", str(self.directory / "error.log")]


def program() -> str:
    """nginx's executable. Raises NoFrontServer."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        raise NoFrontServer("nginx is not installed: apt-get install nginx (or your system's package), then try again.")
    return found


def _certify(directory: Path) -> None:
    """A certificate for the loopback address, signed by itself, made anew at every start."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tillbridge demo")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(ADDRESS))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = directory / KEY
    file.touch(mode=0o600)
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (directory / CERTIFICATE).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
