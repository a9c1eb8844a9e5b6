"""Database addresses mean what libpq means by them, and what it does not know is named."""

import pytest

from models.address import PostgresAddress, SqliteAddress, UnfitAddress, parse_address


def postgres(url: str) -> PostgresAddress:
    address = parse_address(url)
    assert isinstance(address, PostgresAddress)
    return address


@pytest.mark.parametrize("path", ["/data/c#1.sqlite3", "var/hub.sqlite3", "/data/a%20b"])
def test_a_file_of_sqlite_is_the_one_that_is_named(path):
    assert parse_address(f"sqlite://{path}") == SqliteAddress(path=path)


@pytest.mark.parametrize(
    ("words", "passed_on"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("?sslmode=require", "?sslmode=require", id="require"),
        pytest.param(
            "?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            "?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem",
            id="verify-full with its authority",
        ),
        pytest.param("?ssl=disable", "?sslmode=disable", id="ssl for a mode"),
        pytest.param("?ssl=false", "?sslmode=disable", id="false"),
        pytest.param("?ssl=0", "?sslmode=disable", id="0"),
        pytest.param("?ssl=no", "?sslmode=disable", id="no"),
        pytest.param("?host=/run/postgresql", "?host=%2Frun%2Fpostgresql", id="a socket's folder"),
        pytest.param("?connect_timeout=10&maxsize=3", "", id="words that are ours to follow"),
        pytest.param("?gssencmode=prefer&channel_binding=prefer", "", id="words that change nothing"),
    ],
)
def test_libpq_s_words_are_followed(words, passed_on):
    assert postgres(f"postgres://db:5433/hub{words}").dsn == f"postgres://db:5433/hub{passed_on}"


def test_what_options_set_is_set_for_each_session():
    words = "options=-c%20statement_timeout%3D5min%20--search-path%3Dhub&application_name=hub%20two"

    assert postgres(f"postgres://db/hub?{words}").session == {
        "statement_timeout": "5min",
        "search_path": "hub",
        "application_name": "hub two",
    }


@pytest.mark.parametrize(
    ("words", "seconds", "most"),
    [
        pytest.param("", 10.0, 5, id="by default"),
        pytest.param("?connect_timeout=3&maxsize=12", 3.0, 12, id="as asked"),
        pytest.param("?connect_timeout=0", None, 5, id="without end"),
    ],
)
def test_an_address_says_how_to_connect(words, seconds, most):
    address = postgres(f"postgres://db/hub{words}")

    assert (address.connect_seconds, address.most_connections) == (seconds, most)


@pytest.mark.parametrize("words", ["ssl=true", "ssl=1", "sslmode=verify-full&sslrootcert=system"])
def test_the_machine_s_own_authorities_can_be_asked_for(words):
    assert postgres(f"postgres://db/hub?{words}").public_tls


@pytest.mark.parametrize(
    ("url", "named"),
    [
        pytest.param("mysql://db/hub", "sqlite:// or postgres://", id="another database"),
        pytest.param("sqlite://", "the path of a file", id="no file"),
        pytest.param(
            "sqlite:///data/hub.sqlite3?journal_mode=OFF", "no parameters", id="parameters of SQLite"
        ),
        pytest.param("postgres://db/hub?pgbouncer=true", "'pgbouncer'", id="a word of somebody else"),
        pytest.param("postgres://db/hub?maxsize=abc", "maxsize=abc", id="no number"),
        pytest.param("postgres://db/hub?connect_timeout=soon", "connect_timeout=soon", id="no seconds"),
        pytest.param("postgres://db/hub?sslmode=yes", "sslmode=yes", id="no such mode"),
        pytest.param("postgres://db/hub?channel_binding=require", "channel_binding=require", id="not here"),
        pytest.param("postgres://db/hub?options=fast", "'fast'", id="no option"),
        pytest.param("postgres://db/hub?sslmode", "'sslmode'", id="no value"),
        pytest.param("postgres://hub:ca/nary@db/hub", "%2F", id="a sign that ends a part"),
    ],
)
def test_what_cannot_be_followed_is_named_and_no_password(url, named):
    with pytest.raises(UnfitAddress) as refused:
        parse_address(url)

    assert named in str(refused.value)
    assert "nary" not in str(refused.value)
