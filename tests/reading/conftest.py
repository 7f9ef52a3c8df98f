import pytest

from convatlas.reading.bundle import Bundle
from convatlas.reading.reader import Reader

from .oracle import oracle_bundle


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return oracle_bundle(tmp_path_factory.mktemp("oracle") / "reader")


@pytest.fixture(scope="session")
def reader(bundle: Bundle) -> Reader:
    return bundle.open()
