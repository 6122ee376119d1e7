"""The servers out of the wheels: they start, keep what they are told, and hold the two roles."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
import redis
from psycopg import errors

from portal import embedded
from portal.processes import CannotStart


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket; pytest's own is not always."""
    with TemporaryDirectory(prefix="pt-", dir="/tmp") as name:
        Path(name).chmod(0o755)  # for `nobody`, whom PostgreSQL is when the tests run as root
        yield Path(name)


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def test_a_restart_keeps_what_was_written(folder: Path) -> None:
    with embedded.servers(folder, durable=True) as at:
        with connect(at.owner_url) as owner:
            owner.execute("CREATE TABLE kept (word text)")
            owner.execute("INSERT INTO kept VALUES ('still here')")
        with redis.Redis.from_url(at.redis_url) as broker:
            broker.set("kept", "still here")

    with embedded.servers(folder, durable=True) as at:
        with connect(at.owner_url) as owner:
            assert owner.execute("SELECT word FROM kept").fetchone() == ("still here",)
        with redis.Redis.from_url(at.redis_url) as broker:
            assert broker.get("kept") == b"still here"


def test_what_is_durable_is_written_through(folder: Path) -> None:
    wanted = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")

    with embedded.servers(folder, durable=True) as at:
        with connect(at.database_url) as app:
            said = {name: app.execute(f"SHOW {name}").fetchone() for name in wanted}
        with redis.Redis.from_url(at.redis_url) as broker:
            kept = broker.config_get("append*") | broker.config_get("maxmemory-policy")

    assert said == dict.fromkeys(wanted, ("on",))
    assert (kept["appendonly"], kept["maxmemory-policy"]) == ("yes", "noeviction")


def test_the_app_owns_nothing_and_cannot_pass_the_row_policies(folder: Path) -> None:
    with embedded.servers(folder, durable=False) as at:
        with connect(at.owner_url) as owner:
            owner.execute("CREATE TABLE walled (facility_id int)")
            owner.execute("INSERT INTO walled VALUES (1), (2)")
            owner.execute("ALTER TABLE walled ENABLE ROW LEVEL SECURITY")
            owner.execute("ALTER TABLE walled FORCE ROW LEVEL SECURITY")
            owner.execute("CREATE POLICY one ON walled USING (facility_id = 1)")
            owner.execute("GRANT SELECT ON walled TO portal_app")
            seen_by_owner = owner.execute("SELECT facility_id FROM walled").fetchall()
        with connect(at.database_url) as app:
            seen_by_app = app.execute("SELECT facility_id FROM walled").fetchall()
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute("CREATE TABLE mine (x int)")
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute("DROP POLICY one ON walled")
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute("ALTER ROLE portal_app BYPASSRLS")

    assert seen_by_owner == seen_by_app == [(1,)]


def test_passwords_are_readable_by_their_owner_alone(folder: Path) -> None:
    with embedded.servers(folder, durable=True):
        files = [*(folder / "postgres").glob("*.password")]
        modes = {stat.S_IMODE(file.stat().st_mode) for file in files}

    assert (len(files), modes) == (3, {0o600})


@pytest.mark.parametrize("server", [embedded.postgres, embedded.valkey])
def test_a_folder_in_use_is_refused_in_one_sentence(folder: Path, server: object) -> None:
    with (
        server(folder / "x", durable=True) as first,
        pytest.raises(CannotStart, match=f"process {first.server.process.pid}.* end it with: kill"),
        server(folder / "x", durable=True),
    ):
        pytest.fail("two servers on one folder")


@pytest.mark.parametrize("server", [embedded.postgres, embedded.valkey])
def test_a_killed_server_starts_again_where_it_was(folder: Path, server: object) -> None:
    with server(folder / "x", durable=True) as first:
        before = first.server.process
        before.kill()
        before.wait()
        assert first.server.ended

        first.server.start()

        assert not first.server.ended
        assert first.server.process is not before


def test_what_a_killed_start_left_behind_is_in_nobodys_way(folder: Path) -> None:
    (folder / "valkey").mkdir()
    (folder / "valkey" / "s").write_text("a stale socket")
    (folder / "postgres" / "data.new").mkdir(parents=True)
    (folder / "postgres" / "data.new" / "PG_VERSION").write_text("half a cluster")

    with embedded.servers(folder, durable=True) as at, connect(at.database_url) as app:
        assert app.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's PostgreSQL is somebody else")
def test_data_in_a_folder_closed_to_nobody_stand_behind_a_link(folder: Path) -> None:
    folder.chmod(0o700)
    home = folder / "postgres"

    try:
        for _ in range(2):
            with embedded.postgres(home, durable=True) as pg, connect(pg.database_url) as app:
                assert app.execute("SELECT 1").fetchone() == (1,)
        assert home.resolve().parent == Path("/var/tmp")  # noqa: S108
    finally:
        shutil.rmtree(home.resolve())
