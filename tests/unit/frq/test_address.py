"""Where Redis is, as a URL says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrun.frq.address import Address, Kind, Tls


@pytest.mark.parametrize(
    ("url", "kind", "hosts", "db"),
    [
        ("redis://localhost", Kind.SINGLE, (("localhost", 6379),), 0),
        ("redis://127.0.0.1:7000/3", Kind.SINGLE, (("127.0.0.1", 7000),), 3),
        ("redis://[::1]:7000/3", Kind.SINGLE, (("::1", 7000),), 3),
        ("rediss://redis.example.org", Kind.SINGLE, (("redis.example.org", 6379),), 0),
        ("rediss+sentinel://a,b:7/main/2", Kind.SENTINEL, (("a", 26379), ("b", 7)), 2),
        ("rediss+cluster://a:1,b:2", Kind.CLUSTER, (("a", 1), ("b", 2)), 0),
    ],
)
def test_forms(url: str, kind: Kind, hosts: tuple[tuple[str, int], ...], db: int) -> None:
    """Host, port and database are found in every form, with the defaults of that form."""
    address = Address.parse(url)

    assert (address.kind, address.hosts, address.db) == (kind, hosts, db)
    assert (address.tls is not None) is url.startswith("rediss")


def test_sockets() -> None:
    """A path stands for a unix socket, with the database and the login in the URL."""
    address = Address.parse("unix://me:secret@/run/redis.sock?db=4")

    assert (address.path, address.db, address.username, address.password) == ("/run/redis.sock", 4, "me", "secret")


def test_logins() -> None:
    """Signs that a URL may not have stand in percent form; Sentinel may have a login of its own."""
    address = Address.parse("redis+sentinel://me:p%40ss@localhost/main?sentinel_password=other")

    assert (address.username, address.password, address.sentinel_password) == ("me", "p@ss", "other")
    assert address.service == "main"


@pytest.mark.parametrize(
    "url", ["redis://me:hidden@localhost:1/2", "unix://me:hidden@/x", "redis+sentinel://:hidden@localhost/main"]
)
def test_the_password_is_shown_nowhere(url: str) -> None:
    """Neither what is shown of an address nor its representation has the password."""
    address = Address.parse(url)

    assert "hidden" not in address.shown + repr(address)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://localhost", "begins no URL of Redis"),
        ("localhost:6379", "begins no URL of Redis"),
        ("redis://localhost/x", "no number of a database"),
        ("redis://localhost:99999", "no host with a port"),
        ("redis://localhost?ssl=1", "the URL says 'ssl' behind the question mark"),
        ("redis+sentinel://localhost", "names the service"),
        ("redis+cluster://localhost/1", "only the database 0"),
        ("unix://run/redis.sock", "begins with a slash"),
        ("redis://:hidden@10.0.0.1", "the connection to 10.0.0.1 would not be encrypted"),
        ("redis+cluster://localhost,10.0.0.1", "the connection to 10.0.0.1 would not be encrypted"),
        ("redis://:hid/den@localhost", "percent form"),
        ("redis://:/hidden@localhost", "percent form"),
        ("redis://:hid?hidden=1@localhost", "percent form"),
        ("redis+sentinel://:x/hidden@localhost/main", "percent form"),
        ("unix://:x?hidden@/run/redis.sock", "percent form"),
    ],
)
def test_what_is_refused(url: str, says: str) -> None:
    """Each mistake is named, and no message has the password."""
    with pytest.raises(ValueError, match=says.replace("?", r"\?")) as raised:
        Address.parse(url)

    assert "hidden" not in str(raised.value)


def test_an_open_connection_must_be_wanted() -> None:
    """`insecure` allows a connection to another host without TLS; files for TLS need a URL with TLS."""
    assert Address.parse("redis://10.0.0.1", is_insecure=True).hosts == (("10.0.0.1", 6379),)

    with pytest.raises(ValueError, match="does not begin with rediss"):
        Address.parse("redis://localhost", Tls(ca=Path("ca.pem")))
