"""`load_config` is the only way from settings to what a build and every command work from."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pelican.settings import DEFAULT_CONFIG, read_settings

from conftest import PROJECT, write_files
from newsarchive import theme_path
from newsarchive.clean import rule_files
from newsarchive.config import BuildConfig, SiteIdentity, ThemeConfig, load_config
from newsarchive.config.build_config import SHIPPED_RULES, load_rule_book
from newsarchive.config.from_pelican import _DEFAULTS
from newsarchive.diagnostics import ConfigurationError


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty site, which is the working folder."""
    (tmp_path / "site/content").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "site")
    return tmp_path / "site"


def problems_of(settings: Path | dict[str, Any] | None) -> list[str]:
    """The lines that a user reads."""
    with pytest.raises(ConfigurationError) as error:
        load_config(settings)
    return str(error.value).split("\n")


def test_without_a_settings_file_the_defaults_hold(site: Path) -> None:
    config = load_config()

    assert (config.content, config.output, config.cache) == (Path("content"), Path("output"), Path("cache"))
    assert config.zone == ZoneInfo("Asia/Shanghai")
    assert config.rule_folders == (Path("content/rules"), SHIPPED_RULES)
    assert config.theme.folder == Path(theme_path())
    assert config.translations.language == "zh-CN"


def test_the_settings_file_of_the_working_folder_is_read(site: Path) -> None:
    (site / "pelicanconf.py").write_text("PATH = 'content'\nNEWSARCHIVE_RULES_PATH = 'mine'\n", "utf-8")

    assert load_config().rule_folders[0] == Path("content/mine")


def test_paths_are_relative_to_the_settings_file(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "PATH = 'content'\nOUTPUT_PATH = 'out'\nCACHE_PATH = '../cache'\nTHEME_TEMPLATES_OVERRIDES = ['over']\n"
    (site / "mine.py").write_text(lines, "utf-8")
    monkeypatch.chdir(site.parent)

    config = load_config(Path("site/mine.py"))

    assert (config.content, config.output, config.cache) == (Path("site/content"), Path("site/out"), Path("cache"))
    assert config.theme.template_folders[0] == Path("over")


def test_a_content_folder_that_is_named_wins(site: Path) -> None:
    (site / "pelicanconf.py").write_text("PATH = 'nowhere'\n", "utf-8")
    (site / "articles").mkdir()

    assert load_config(content=Path("articles")).content == Path("articles")


def test_a_file_means_what_it_means_to_pelican(site: Path) -> None:
    (site / "mine.py").write_text(
        "PATH = 'content'\nSITENAME = '甲'\nSITEURL = 'https://a.example/'\nDEFAULT_LANG = 'zh-TW'\n"
        "TIMEZONE = 'Asia/Tokyo'\nSTATIC_PATHS = ['files']\nIGNORE_FILES = 'x'\nJINJA_GLOBALS = {'a': 1}\n"
        f"THEME = {str(PROJECT / 'theme')!r}\nNEWSARCHIVE_PER_PAGE = 20\n",
        "utf-8",
    )

    ours = load_config(site / "mine.py")

    assert ours == load_config(read_settings(str(site / "mine.py")))
    assert ours.site == SiteIdentity("甲", "", "https://a.example", "zh-TW")
    assert ours.exclude == ("pages", "files", "rules", "media")
    assert ours.ignore == ("**/.*",)
    assert ours.theme.globals == (("a", 1),)


def test_defaults_are_pelicans_but_for_the_theme_and_the_content_folder() -> None:
    different = {name for name, value in _DEFAULTS.items() if value != DEFAULT_CONFIG.get(name, value)}

    assert different == {"THEME", "PATH"}


def test_everything_wrong_is_reported_at_once(site: Path) -> None:
    write_files(site, '-- content/rules/a.toml --\n[match]\nsource = ["晨报"]\n[[dorp_if]]\n')
    (site / "pelicanconf.py").write_text(
        "PATH = 'content'\nOUTPUT_PATH = '.'\n"
        "TIMEZONE = 'Moon/North'\nDEFAULT_LANG = 'xx'\nNEWSARCHIVE_PER_PAGES = 3\n",
        "utf-8",
    )

    assert [line.partition(": ")[0] for line in problems_of(None)] == [
        "NEWSARCHIVE_PER_PAGES",
        "content/rules/a.toml:3",
        "TIMEZONE",
        "OUTPUT_PATH",
        "DEFAULT_LANG",
    ]


def test_a_content_folder_that_is_missing_is_a_problem(site: Path) -> None:
    assert problems_of({"PATH": "nowhere"}) == ["nowhere: there is no such folder — name the content folder"]


def test_a_settings_file_that_is_missing_is_a_problem(site: Path) -> None:
    assert problems_of(Path("none.py")) == ["none.py: there is no such file — name the settings file by --settings"]


def test_rules_known_to_be_good_are_not_read_again(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = load_config().rules_digest
    load_rule_book.cache_clear()
    monkeypatch.setattr(rule_files, "load_rules", lambda _folders: pytest.fail("read again"))

    assert load_config(rules_known_good=good).rules_digest == good


def test_rules_that_changed_are_read_again(site: Path) -> None:
    good = load_config().rules_digest
    write_files(site, "-- content/rules/a.toml --\nnonsense = 1\n")

    with pytest.raises(ConfigurationError, match="nonsense"):
        load_config(rules_known_good=good)


def test_workers_get_everything_but_the_theme(site: Path) -> None:
    config = load_config({"JINJA_FILTERS": {"shout": lambda text: f"{text}!"}, "PATH": "content"})

    sent: BuildConfig = pickle.loads(pickle.dumps(config.for_workers()))

    assert sent.theme == ThemeConfig()
    assert (sent.content, sent.settings, sent.rules_digest) == (config.content, config.settings, config.rules_digest)


def test_a_catalogue_that_changed_is_read_again(site: Path) -> None:
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    catalogue = site / "theme/translations/en.po"
    write_files(site, f'-- theme/translations/en.po --\n{header}msgid "Search"\nmsgstr "Look"\n')
    config = load_config({"THEME": str(site / "theme"), "PATH": "content"})
    assert config.translations.gettext("Search") == "Look"

    catalogue.write_text(catalogue.read_text("utf-8").replace("Look", "Find"), "utf-8")

    assert config.translations.gettext("Search") == "Find"
