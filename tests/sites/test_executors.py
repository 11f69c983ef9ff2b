"""Who does the work, and how many, is to be seen in the time it takes, and nowhere else."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import LocalCluster

from conftest import Built, build_site
from newsarchive.parallel.executors import WorkerPool

from .editing import EditedSite, build_here
from .test_incremental import differences


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> EditedSite:
    """A small site, with a rule file and images of its own."""
    site = EditedSite(tmp_path_factory.mktemp("site"), seed=3)
    site.write_rule()
    for _ in range(20):
        site.store_image()
    return site


@pytest.fixture(scope="module")
def serial(site: EditedSite) -> Built:
    """The site as one process makes it."""
    return site.build("serial")


def build_with(site: EditedSite, executor: str, folder: Path) -> Built:
    """The site as others make it."""
    return build_here(site.content, folder, *site.options(), f"NEWSARCHIVE_EXECUTOR={json.dumps(executor)}")


@pytest.mark.parametrize("count", [1, 2, 5])
def test_any_number_of_processes_makes_the_same_site(
    site: EditedSite, serial: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr("newsarchive.parallel.executors._cores", lambda: count)

    built = build_with(site, "processes", tmp_path)

    assert built.exit_code == 0
    assert differences(built, serial) == []


def test_large_tasks_are_begun_before_anybody_asks_for_what_comes_of_them() -> None:
    pool = WorkerPool(count=2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)

        results = pool.submit_all(knock, [server.getsockname()[1]])

        server.accept()[0].close()  # raises TimeoutError when nobody comes
        assert list(results) == ["knocked"]
    pool.close()


def knock(port: int) -> str:
    """Say that somebody is at work."""
    socket.create_connection(("127.0.0.1", port)).close()
    return "knocked"


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a Dask scheduler with two workers."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


def test_a_dask_cluster_makes_the_same_site_and_goes_on_with_it(
    site: EditedSite, serial: Built, cluster: str, tmp_path: Path
) -> None:
    first = build_with(site, cluster, tmp_path)
    assert first.exit_code == 0
    assert differences(first, serial) == []

    site.override_template()  # its workers have seen the old one
    site.write_rule()
    site.change_article()
    again = build_with(site, cluster, tmp_path)

    assert differences(again, site.build("clean")) == []


def test_the_environment_says_who_does_the_work_whatever_the_settings_say(
    site: EditedSite, cluster: str, tmp_path: Path
) -> None:
    options = (*site.options(), 'NEWSARCHIVE_EXECUTOR="tcp://127.0.0.1:1"')

    built = build_site(site.content, tmp_path, *options, environment={"NEWSARCHIVE_EXECUTOR": cluster})

    assert built.exit_code == 0, built.said


def test_an_executor_that_there_is_not_is_told_with_those_there_are(site: EditedSite, tmp_path: Path) -> None:
    built = build_site(site.content, tmp_path, environment={"NEWSARCHIVE_EXECUTOR": "threads"})

    assert built.exit_code == 1
    told = "NEWSARCHIVE_EXECUTOR: 'threads' is not 'processes', 'serial' or the address of a Dask scheduler"
    assert told in " ".join(built.said.split())
    assert "Traceback" not in built.said


def test_a_scheduler_that_does_not_answer_is_told(site: EditedSite, tmp_path: Path) -> None:
    with socket.socket() as nobody:  # bound, but nobody listens
        nobody.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"

        built = build_site(site.content, tmp_path, *site.options(), environment={"NEWSARCHIVE_EXECUTOR": address})

    assert built.exit_code == 1
    assert "no Dask scheduler with workers answers" in built.said
    assert "Traceback" not in built.said
    assert not (built.output / "index.html").exists()


def test_dask_that_is_not_installed_is_told(
    site: EditedSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    built = build_with(site, "tcp://127.0.0.1:8786", tmp_path)

    assert built.exit_code == 1
    assert 'Dask is not installed — pip install "newsarchive[dask]", or use "processes"' in caplog.text
    assert "Traceback" not in caplog.text
