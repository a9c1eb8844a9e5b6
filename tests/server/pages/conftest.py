import pytest


@pytest.fixture
def built(tmp_path):
    (tmp_path / "graphiql.html").write_text('<b title="%VIEWER_NAME%">%VIEWER_ROLE%</b>')
    (tmp_path / "index.html").write_text("%NONCE%|%SESSION%|%SIGN_IN_COMMAND%|%GRAPHIQL%")
    return tmp_path
