"""Tags: the front matter's first, then shares, then keywords; and only tags of several articles get pages."""

from __future__ import annotations

from newsarchive.collect.tags import group_by_tag
from newsarchive.describe.tags import add_keywords, explicit_tags, tag_key
from newsarchive.models import Facts, Ticker
from unit.factories import make_article, make_clean_article

MACHINE = Ticker("sz300024", "机器人", "包括", "和智能")
FALSE_MATCH = Ticker("sz300778", "新城市", "国际创", "中心")


def test_tags_of_the_front_matter_come_first_then_shares() -> None:
    clean = make_clean_article({"tags": ["量子", "芯片"]}, facts=Facts(tickers=(MACHINE,)))

    assert explicit_tags(clean, 3) == ("量子", "芯片", "机器人")


def test_a_share_whose_name_is_only_part_of_other_words_is_no_tag() -> None:
    clean = make_clean_article({"tags": ["甲"]}, facts=Facts(tickers=(FALSE_MATCH, MACHINE)))

    assert explicit_tags(clean, 2) == ("甲", "机器人")


def test_a_share_without_a_name_is_no_tag() -> None:
    clean = make_clean_article(facts=Facts(tickers=(Ticker("sz300024"),)))

    assert "" not in explicit_tags(clean, 6)


def test_keywords_fill_up_what_is_left() -> None:
    article = make_article("a.md", title="量子计算机研究", tags=("甲",))

    (tagged,) = add_keywords([article], ["量子计算机的研究取得进展。量子计算机由北京大学研制。" * 3], 4)

    assert tagged.tags[0] == "甲"
    assert 1 < len(tagged.tags) <= 4


def test_keywords_that_repeat_a_tag_or_name_the_source_are_left_out() -> None:
    article = make_article("a.md", title="特斯拉与谷歌", tags=("谷歌",), categories=("科技", "特斯拉"))

    (tagged,) = add_keywords([article], ["特斯拉与谷歌。" * 9], 4)

    assert tagged.tags == ("谷歌",)


def test_two_spellings_of_one_tag_are_one() -> None:
    clean = make_clean_article({"tags": ["AI", "ai", "ＡＩ", "Ai&#8203;"]}, text="")

    assert explicit_tags(clean, 6) == ("AI",)


def test_tags_that_are_empty_or_whole_sentences_are_none() -> None:
    clean = make_clean_article({"tags": ["", "\u200b", "长" * 41, "长" * 40]})

    assert explicit_tags(clean, 6) == ("长" * 40,)


def test_an_article_gets_no_more_tags_than_it_may() -> None:
    clean = make_clean_article({"tags": [str(number) for number in range(20)]})

    assert explicit_tags(clean, 0) == ()
    assert explicit_tags(clean, 6) == ("0", "1", "2", "3", "4", "5")


def test_one_tag_given_as_a_text_is_one() -> None:
    assert explicit_tags(make_clean_article({"tags": "芯片"}), 6) == ("芯片",)


def test_case_and_width_do_not_part_tags() -> None:
    assert tag_key("ＡＩ") == tag_key("ai")
    assert tag_key("芯片") != tag_key("晶片")


def test_a_tag_gets_a_page_when_enough_articles_have_it() -> None:
    articles = [make_article("a.md", tags=("AI", "芯片")), make_article("b.md", tags=("ai",))]

    tags = group_by_tag(articles, min_articles=2)

    assert [(tag.name, tag.url) for tag in tags] == [("AI", "tags/ai/index.html")]
    assert [article.source for article in tags[0].articles] == ["a.md", "b.md"]


def test_a_tag_that_grows_to_a_page_changes_no_others_address() -> None:
    articles = [make_article("a.md", tags=("背景",)), *(make_article(f"{n}.md", tags=("北京",)) for n in range(2))]

    (before,) = group_by_tag(articles, min_articles=2)
    after = {
        tag.name: tag.url for tag in group_by_tag([*articles, make_article("c.md", tags=("背景",))], min_articles=2)
    }

    assert after[before.name] == before.url
    assert len(set(after.values())) == 2


def test_tag_pages_stand_in_order_of_their_addresses() -> None:
    articles = [make_article("a.md", tags=("芯片", "北京", "zebra"))]

    urls = [tag.url for tag in group_by_tag(articles, min_articles=1)]

    assert urls == sorted(urls)
