"""Lines at the tail that sell, ask, license or point elsewhere.

A line goes when cue words and its place agree: at the end, short, and saying nothing else. The words are those of many
sources, simplified, traditional and English; no rule here knows one source.
"""

from __future__ import annotations

import re

from newsarchive.clean.block import Block
from newsarchive.clean.draft import Draft
from newsarchive.clean.facts import TAIL

_SHORT = 120
_MANY_LINES = 0.34  # of the article's blocks may be the tail, so that a three-line flash keeps its lines


def _cue(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_CUES = {
    "follow us or scan": _cue(
        r"(?:扫描|掃描|扫码|掃碼|长按|識別|识别).{0,12}(?:二维码|二維碼|关注|關注|下载|加入)",
        r"(?:关注|關注|搜索|添加).{0,12}(?:公众号|公眾號|微信号|微博)",
        r"(?:二维码|二維碼)$",
        r"微信(?:公众号|扫一扫)",
        r"(?:下载|尽在).{0,12}(?:APP|客户端)",
        r"海量资讯",
        r"scan the qr|follow us on|subscribe to our|download (?:the|our) app",
    ),
    "share, like or comment": _cue(
        r"^(?:分享(?:到|至)|转发|點讚|点赞|喜欢|打赏|打賞|赞赏|讚賞|收藏|举报|舉報|评论|評論|留言"
        r"|share (?:this|on|via)|tweet|like this)"
        r"[\s\d:：/|·、()（）+\w]{0,40}$",
        r"^(?:\d[\d,.]*\s*(?:赞|讚|评论|評論|阅读|閱讀|收藏|likes?|comments?|views?|shares?)[\s·|,，/]*)+$",
    ),
    "licence": _cue(
        r"^(?:版权声明|版權聲明|著作权归|©|copyright\b|all rights reserved|licensed under)",
        r"^本文(?:版权|為|为|由|系).{0,20}(?:原创|原創|授权|授權|转载|轉載)",
        r"^(?:未经|未經).{0,16}(?:许可|授权|允許|允许)",
        r"^(?:转载|轉載)(?:请|請|须|本文)",
        r"^本(?:作品|文)采用.{0,20}许可",
    ),
    "disclaimer": _cue(
        r"^(?:免责声明|免責聲明|风险提示|特别声明|声明[:：]|郑重声明)",
        r"(?:仅代表|僅代表|不代表).{0,16}(?:观点|觀點|立场|立場)",
        r"不构成(?:任何)?投资建议",
    ),
    "advertisement": _cue(
        r"^(?:广告|廣告|推广|赞助商|advertisement|sponsored)\b.{0,30}$",
        r"(?:点击|點擊).{0,10}(?:购买|購買|领取|领券|下单|开户)",
        r"优惠券|(?:立即|马上)(?:购买|抢购|开户)",
    ),
    "related or next": _cue(
        r"^(?:相关(?:阅读|文章|推荐|新闻|報道)|相關(?:閱讀|文章|內容|新聞)|延伸(?:阅读|閱讀)|推荐阅读|推薦閱讀|猜你喜欢|热门文章)",
        r"^(?:上一篇|下一篇|更多(?:精彩|内容|文章|资讯))",
        r"^(?:related (?:articles|posts|stories)|you may also like|pages?:\s*\d)",
    ),
    "end mark": _cue(r"^[\s\-—–=*_·.（(【\[]*(?:end|完|全文完|本文完|the end)[\s\-—–=*_·.）)】\]]*$"),
    "paywall": _cue(
        r"^(?:本文为付费|剩余.{0,12}(?:付费|订阅)|(?:登录|登陆|订阅|付费)后.{0,10}(?:阅读|查看))",
        r"^subscribe to (?:read|continue)",
    ),
    "undefined": _cue(r"^(?:undefined|null|NaN|\[object Object\])$"),
}


def drop_boilerplate_lines(blocks: list[Block], draft: Draft) -> list[Block]:
    """`blocks` without a repeated title at the head, and without boilerplate at the tail."""
    blocks = _drop_repeated_title(blocks, draft)
    tail = max(1, min(TAIL, round(len(blocks) * _MANY_LINES)))
    kept = []
    for place, block in enumerate(blocks):
        why = _boilerplate_sign(block) if place >= len(blocks) - tail else ""
        if why and len(blocks) > 1:
            draft.removed[f"line: {why}"] += 1
        else:
            kept.append(block)
    return kept


def _boilerplate_sign(block: Block) -> str:
    """The name of the sign that says this line is none of the article's, "" when none does."""
    text = block.text
    if not text or len(text) > _SHORT or block.tag in {"pre", "table"}:
        return ""
    return next((name for name, cue in _CUES.items() if cue.search(text)), "")


def _drop_repeated_title(blocks: list[Block], draft: Draft) -> list[Block]:
    """The title once more as the first line, unless it is all there is or holds a picture."""
    if len(blocks) > 1 and not blocks[0].has_picture and _same(blocks[0].text, draft.raw.title):
        draft.removed["title repeated"] += 1
        return blocks[1:]
    return blocks


def _same(text: str, title: str) -> bool:
    """Equal but for what the crawler replaced in titles, white space and punctuation."""
    return bool(bare := _bare(title)) and _bare(text) == bare


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)
