import pytest

from tracekeep_server import running


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for the tests of a file; they tell their traces apart by trace id."""
    yield from running(tmp_path_factory.mktemp("server"))


@pytest.fixture
def own_server(tmp_path):
    """A server that holds nothing but what the test sends, and that the test may kill."""
    yield from running(tmp_path)
