"""A real PostgreSQL of the distribution, in a folder of its own, over TLS on loopback and over a socket."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import OperationalError

from tests.adapters.support import free_port
from tests.support import unprivileged
from tests.support.certificates import Authority

PROGRAMS = Path("/usr/lib/postgresql")
OWNER, READER = "owner", "reader"
PASSWORDS = {OWNER: "of the owner", READER: "秘密 of the reader"}
SETTINGS = "fsync=off synchronous_commit=off full_page_writes=off shared_buffers=16MB max_connections=20 ssl=on"
RULES = """
local all all scram-sha-256
hostssl all all 127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True)
class Postgres:
    """`authority` is the file with who signed the server's certificate, which is for localhost."""

    folder: Path
    port: int
    authority: Path
    owner: Engine
    """For the plant's side; commits each statement by itself."""

    @property
    def url(self) -> str:
        """For a user that may only read what it is granted; over TLS."""
        return f"postgresql://{READER}@localhost:{self.port}/lims"

    @property
    def socket(self) -> str:
        """The same without a network."""
        return f"postgresql://{READER}@/lims?host={self.folder}&port={self.port}"


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Owner and reader, an empty database `lims`. It runs as nobody where the tests are root."""
    found = sorted(PROGRAMS.glob("*/bin"), key=lambda one: int(one.parent.name))
    if not found:
        raise FileNotFoundError(f"{PROGRAMS} is missing: sudo apt-get install postgresql")
    with unprivileged.own_folder("pg-") as folder:
        port = free_port()
        _make(found[-1], folder, port)
        with unprivileged.serving([str(found[-1] / "postgres"), "-D", str(folder / "data")], folder, SIGINT) as process:
            owner = _owner(folder, port, process)
            try:
                yield Postgres(folder, port, folder / "ca.pem", owner)
            finally:
                owner.dispose()


def _make(programs: Path, folder: Path, port: int) -> None:
    (folder / "password").write_text(PASSWORDS[OWNER])
    Authority("plant").issue("localhost").save(folder, "server")
    unprivileged.give(*folder.iterdir())
    initdb = [
        str(programs / "initdb"), "--no-sync", "-D", str(folder / "data"), "-U", OWNER, "-E", "UTF8", "--locale", "C",
        f"--pwfile={folder / 'password'}", "-A", "scram-sha-256",
    ]  # fmt: skip
    subprocess.run(unprivileged.command(initdb), cwd=folder, check=True, capture_output=True)
    lines = [one.replace("=", " = ") for one in SETTINGS.split()]
    lines += [f"port = {port}", "listen_addresses = '127.0.0.1'", f"unix_socket_directories = '{folder}'"]
    lines += [f"ssl_cert_file = '{folder}/server.pem'", f"ssl_key_file = '{folder}/server.key'"]
    with (folder / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write("\n".join(lines) + "\n")
    (folder / "data" / "pg_hba.conf").write_text(RULES)


def _owner(folder: Path, port: int, process: subprocess.Popen[bytes]) -> Engine:
    def engine(database: str) -> Engine:
        query = {"host": str(folder), "port": str(port)}
        url = URL.create("postgresql+psycopg", OWNER, PASSWORDS[OWNER], database=database, query=query)
        return create_engine(url, isolation_level="AUTOCOMMIT")

    first, until = engine("postgres"), time.monotonic() + 60
    while True:
        try:
            with first.connect() as connection:
                connection.exec_driver_sql("CREATE DATABASE lims")
                connection.exec_driver_sql(f"CREATE USER {READER} PASSWORD '{PASSWORDS[READER]}'")
        except OperationalError as error:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((folder / "server.log").read_text()) from error
            time.sleep(0.05)
        else:
            first.dispose()
            return engine("lims")
