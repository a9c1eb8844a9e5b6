"""The console's built files, and nothing else of the disk."""

import gzip

import pytest


@pytest.fixture
async def served(serve, tmp_path):
    assets = tmp_path / "dist" / "assets"
    assets.mkdir(parents=True)
    (assets / "app-1a2b.js").write_text("let a = 1")
    (assets / "app-1a2b.js.gz").write_bytes(gzip.compress(b"let a = 1"))
    (assets / "font-3c4d.woff2").write_bytes(b"wOF2")
    (tmp_path / "secret.txt").write_text("canary")
    (tmp_path / "dist" / "graphiql.html").write_text("page")
    return await serve(console=tmp_path / "dist")


async def test_an_asset_is_kept_for_ever(served):
    async with served.http.get("/assets/font-3c4d.woff2") as answer:
        assert (answer.status, answer.content_type) == (200, "font/woff2")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert await answer.read() == b"wOF2"


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "gzip"), ("identity", None)])
async def test_an_asset_comes_as_it_was_compressed_by_the_build(served, accepted, encoding):
    async with served.http.get("/assets/app-1a2b.js", headers={"Accept-Encoding": accepted}) as answer:
        assert answer.headers.get("content-encoding") == encoding
        assert answer.content_type == "text/javascript"
        assert await answer.text() == "let a = 1"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone.js",
        "/assets/app-1a2b.js.gz",
        "/assets/",
        "/assets/../graphiql.html",
        "/assets/%2e%2e/graphiql.html",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/%2e%2e%2fgraphiql.html",
        "/assets//etc/passwd",
    ],
)
async def test_what_is_no_asset_is_not_found(served, path):
    async with served.raw() as (reader, writer):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n".encode())

        answer = await reader.read()

    assert answer.startswith(b"HTTP/1.1 404")


async def test_an_asset_is_only_read(served):
    async with served.http.post("/assets/app-1a2b.js") as answer:
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
