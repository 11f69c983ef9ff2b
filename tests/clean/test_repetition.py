"""What a source repeats around its articles is learnt from them, and taken out of each."""

from __future__ import annotations

from msgspec.structs import replace

from newsarchive.clean import clean_article
from newsarchive.clean.repetition import drop_repeated, fingerprint_article, learn_from, repeated_marks
from newsarchive.clean.rules import RuleBook
from newsarchive.models import CleanArticle, RawArticle, RawHtml

SLOGAN = "<p>晨报每天早上七点与您相约早餐桌边</p>"


def _clean(number: int, body: str, source: str = "晨报") -> CleanArticle:
    raw = RawArticle(
        f"{source}/{number}.md", f"标题{number}", {"categories": ["财经", source]}, RawHtml(f"<div>{body}</div>")
    )
    return clean_article(raw, RuleBook(), max_depth=100)


def _article(number: int, tail: str, source: str = "晨报") -> CleanArticle:
    start = f"<p>第{number}篇的开头，写的是第{number}件事情，与别篇不同。</p>"
    end = f"<p>第{number}篇的结尾也各不相同，有{number}个字。</p>"
    return _clean(number, start + end + tail, source)


def test_a_line_at_the_tail_of_three_articles_belongs_to_the_source() -> None:
    articles = [_article(number, SLOGAN) for number in range(3)]

    first = drop_repeated(articles[0], learn_from(articles))

    assert "早餐桌边" in articles[0].text
    assert "早餐桌边" not in first.text
    assert first.removed["repeated line"] == 1
    assert first.text.count("第0篇") == 2


def test_a_line_in_two_articles_is_nobodys_but_theirs() -> None:
    articles = [_article(0, SLOGAN), _article(1, SLOGAN), _article(2, "")]

    assert "早餐桌边" in drop_repeated(articles[0], learn_from(articles)).text


def test_a_sentence_of_a_series_stays_in_three_articles_and_goes_in_eight() -> None:
    told_again = "<p>" + "这一系列文章讲述江边老城里几代居民怎样修缮自己的房子，" * 2 + "也讲述他们搬走之后的生活。</p>"
    articles = [_article(number, f"<p>第{number}部写到这里还没有结束。</p>" * 9 + told_again) for number in range(8)]

    assert "江边老城" in drop_repeated(articles[0], learn_from(articles[:3])).text
    assert "江边老城" not in drop_repeated(articles[0], learn_from(articles)).text


def test_a_sentence_that_asks_for_something_goes_in_three() -> None:
    asking = (
        "<p>" + "我们每天为您精选江边老城里最值得一读的新鲜事，从早到晚从不间断，" * 2 + "欢迎关注我们的公众号。</p>"
    )
    articles = [
        _article(number, f"<p>正文在此处继续写下去，还有第{number}段。</p>" * 9 + asking) for number in range(3)
    ]

    assert "从不间断" not in drop_repeated(articles[0], learn_from(articles)).text


def test_the_same_article_in_three_files_repeats_nothing() -> None:
    articles = [
        replace(article, raw=replace(article.raw, source=f"{number}.md"))
        for number, article in enumerate([_article(7, SLOGAN)] * 3)
    ]

    assert "早餐桌边" in drop_repeated(articles[0], learn_from(articles)).text


def test_more_articles_of_one_source_change_nothing_in_another() -> None:
    others = [_article(number, SLOGAN, source="夜报") for number in range(9)]
    own = [_article(number, SLOGAN) for number in range(2)]

    assert drop_repeated(own[0], learn_from([*own, *others])) == drop_repeated(own[0], learn_from(own))


def test_a_verdict_once_reached_stays_when_other_articles_come() -> None:
    with_slogan = [_article(number, SLOGAN) for number in range(3)]
    without = [_article(number, "") for number in range(10, 200)]

    assert "早餐桌边" not in drop_repeated(with_slogan[0], learn_from([*with_slogan, *without])).text


def test_a_image_of_the_source_goes_from_among_words_too() -> None:
    badge = '<img src="https://e.example/badge.png">'
    articles = [_article(number, f"<p>来自{badge}第{number}号记者的现场消息</p>") for number in range(3)]

    first = drop_repeated(articles[0], learn_from(articles))

    assert "badge.png" in articles[0].html
    assert "badge.png" not in first.html
    assert "第0号记者的现场消息" in first.text


def test_a_form_that_every_article_fills_in_is_the_article() -> None:
    form = "<p>本基金单位净值今日公布如下所示数据</p><p>以上数据由托管银行复核之后发布</p>"
    articles = [_clean(number, f"{form}<p>{number}.25</p>") for number in range(5)]

    assert drop_repeated(articles[0], learn_from(articles)).text == articles[0].text


def test_what_is_known_of_an_article_is_little_and_enough() -> None:
    badge = '<img src="https://e.example/badge.png">'
    articles = [_article(number, f"<p>现场{number}{badge}</p>{SLOGAN}") for number in range(3)]
    others = [_article(number, f"<p>夜报天天有，每夜十二点准时送达</p>{badge}", source="夜报") for number in range(9)]
    known = learn_from([*articles, *others])
    evidence = fingerprint_article(articles[0])

    own = known.of(evidence)

    assert [len(kind) for kind in (own.heads, own.tails, own.images)] == [0, 1, 1]
    assert drop_repeated(articles[0], own, evidence) == drop_repeated(articles[0], known) != articles[0]


def test_the_verdict_on_an_article_changes_when_more_of_it_is_known_to_repeat_and_not_before() -> None:
    articles = [_article(number, SLOGAN) for number in range(4)]
    first = fingerprint_article(articles[0])

    verdicts = [repeated_marks(first, learn_from(articles[: count + 1])) for count in range(4)]

    assert verdicts[0] == verdicts[1] == b""
    assert verdicts[2] == verdicts[3] != b""
    assert repeated_marks(fingerprint_article(_article(9, "")), learn_from(articles)) == b""
