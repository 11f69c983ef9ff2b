"""Words by which a line at an end of an article gives itself away: it sells, asks, licenses, credits, points elsewhere.

Simplified, traditional, English, Japanese; read off the tails of the development corpus' 69 sources, and none of them
is one source's own. A cue alone decides nothing: `boilerplate` weighs it with place, length and links.
"""
# Regular expressions of alternatives are one alternative a line, however long.
# ruff: noqa: E501

from __future__ import annotations

import re


def _cue(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_COUNTED = (
    r"赞|讚|喜欢|喜歡|评论|評論|回复|回覆|阅读|閱讀|浏览|瀏覽|收藏|分享|转发|轉發|打赏|在看|播放|人(?:阅读|喜欢|收藏|关注|赞)|次(?:播放|阅读|浏览)|条(?:评论|回复)"
    r"|likes?|saves?|comments?|views?|shares?|claps?|reads?|followers?|repl(?:y|ies)|upvotes?|downloads?|reactions?"
)

CUES = {
    "follow us or scan": _cue(
        r"(?:扫描|掃描|扫码|掃碼|扫一扫|长按|長按|識別|识别).{0,14}(?:二维码|二維碼|关注|關注|下载|下載|加入|图片|添加)",
        r"(?:关注|關注|搜索|添加|加入|订阅|訂閱).{0,14}(?:公众号|公眾號|公号|微信号|微信群|QQ ?群|微博|小助手|频道|頻道|粉丝|社群)",
        r"(?:公众号|公眾號|微信号|微信|QQ ?群|交流群|群号|粉丝群)\s*[:：]\s*\S+$",
        r"(?:二维码|二維碼)$|欢迎(?:关注|加入|订阅|扫码)|歡迎(?:關注|加入|訂閱|追蹤)",
        r"(?:下载|下載|尽在|打开).{0,12}(?:APP|客户端)|海量资讯",
        r"scan (?:the|this) (?:qr )?code|follow (?:us|me) (?:on|at)|subscribe to (?:our|my)|join (?:our|us on)|download (?:the|our) app",
        r"フォロー(?:して|する|はこちら)|チャンネル登録",
    ),
    "share, like or comment": _cue(
        r"^(?:分享(?:到|至)?|转发|點讚|点赞|喜欢|打赏|打賞|赞赏|讚賞|支持作者|收藏|举报|舉報|反馈|评论|評論|留言|在看|赞)"
        r"(?:[\s\d:：/|·、，,()（）和与]|分享(?:到|至)?|转发|點讚|点赞|喜欢|打赏|打賞|赞赏|收藏|举报|反馈|评论|評論|留言|在看|微信|微博|朋友圈|QQ|空间|赞|好友|更多|复制|链接)*$",
        r"(?:给|向|為|为)(?:作者|TA|他|我).{0,4}(?:打赏|打賞|赞赏|讚賞|点赞)|鼓励(?:一下)?(?:TA|作者)|(?:Paypal|Patreon|贊助|赞助|爱发电).{0,8}(?:打賞|打赏|支持)?$",
        r"(?:点|點)(?:个|個)?(?:赞|讚|在看).{0,12}$|三连",
        r"^(?:share (?:this|on|via)|tweet(?: this)?|like this|facebook|twitter|email|print)[\s:|/·]*(?:(?:share|facebook|twitter|linkedin|email|print|reddit)[\s:|/·]*)*$",
        rf"^(?:(?:\d[\d,.]*\s*[kKwW万]?\s*(?:{_COUNTED})|(?:{_COUNTED})\s*[:：(（]?\s*\d[\d,.]*[)）]?)[\s·|,，/]*)+$",
    ),
    "licence": _cue(
        r"^(?:版权(?:声明|所有|归)|版權(?:聲明|所有)|著作权归|©|\(c\)|copyright\b|all rights reserved|licensed under|CC[ -]BY)",
        r"^(?:本文|本作品|文章|本站|以上内容).{0,24}(?:原创|原創|授权|授權|转载|轉載|投稿|许可|協議|协议|首发|发布于|版权)",
        r"(?:未经|未經|禁止|谢绝).{0,16}(?:许可|授权|授權|允許|允许|转载|轉載)|(?:转载|轉載)(?:请|請|须|时|需|自|本文)|侵(?:权|权).{0,8}(?:删|联系)",
        r"^题图(?:来自|来源|由|[:：])",
    ),
    "disclaimer": _cue(
        r"^(?:免责声明|免責聲明|风险提示|特别声明|声明[:：]|郑重声明|disclaimer)",
        r"(?:仅代表|僅代表|不代表).{0,16}(?:观点|觀點|立场|立場)|不构成(?:任何)?(?:投资|操作)?建议|投资有风险|据此(?:操作|入市)",
    ),
    "advertisement": _cue(
        r"^(?:广告|廣告|推广|赞助商|advertisement|sponsored)(?:\s|[:：]|$)",
        r"(?:每位|每人).{0,6}限(?:领|購|购)|(?:抢购|体验金|理财券|红包|福利).{0,14}(?:通道|限量|限时|领取|来了|数量有限)",
        r"(?:点击|點擊).{0,10}(?:购买|購買|领取|领券|下单|开户)|优惠券|(?:立即|马上|限时)(?:购买|抢购|开户|领取|优惠)|直达链接|购买链接",
    ),
    "related or next": _cue(
        r"^[【\[「]?(?:相关|相關|推荐|推薦|延伸|扩展|往期|更多|热门|精彩|猜你|你可能).{0,4}(?:阅读|閱讀|文章|推荐|推薦|新闻|新聞|報道|报道|内容|內容|回顾|喜欢|资讯|精彩|精选)",
        r"^(?:上期|往期|下期|上一期|前情)(?:回顾|提要)?\s*[:：]",
        r"(?:阅读|閱讀|查看)(?:余下|剩余)(?:全文|内容)",
        r"^(?:上一篇|下一篇|上一页|下一页|返回(?:首页|列表|顶部))|^(?:点击)?(?:查看|阅读|閱讀)(?:更多|全部|原文|全文)|^点击阅读",
        r"^(?:related (?:articles|posts|stories|reading)|you (?:may|might) also like|see all|view all|read next|recommended|more from|pages?:\s*\d)",
        r"^(?:関連(?:記事|リンク)|あわせて読みたい|続きを読む)",
    ),
    "thanks": _cue(
        r"(?:感谢|感謝).{0,60}(?:线索投递|投递|投稿|供稿|爆料|提供线索)|^(?:thanks|h/t|hat tip) to .{0,40}(?:for the (?:tip|link))",
    ),
    "end mark": _cue(r"^[\s\-—–=~*_·.（(【\[■◆#]*(?:end|fin|完|全文完|本文完|the end|终)[\s\-—–=~*_·.）)】\]■◆#]*$"),
    "paywall": _cue(
        r"(?:本文为付费|剩余.{0,12}(?:付费|订阅)|(?:登录|登陆|订阅|付费|购买).{0,10}(?:后|可).{0,6}(?:阅读|查看|收听)(?:全部|全文|更多)?)",
        r"subscribe to (?:read|continue)|this (?:article|content) is for (?:subscribers|members)",
    ),
    "contact": _cue(
        r"^(?:商务|投稿|合作|寻求报道|爆料|联系|聯絡|咨询|有(?:任何)?(?:疑问|问题|线索)).{0,30}(?:[:：@]|邮箱|微信|电话|联系)|请联系我们|欢迎(?:投稿|联系|爆料)",
        r"^(?:contact us|get in touch|for (?:more )?(?:inquiries|information)[,:])",
    ),
    "undefined": _cue(r"^(?:undefined|null|NaN|\[object Object\]|\s|/|,)+$"),
}

# A line longer than this is tried for a cue only if it holds one of the cue's own words: trying all on prose costs more
# than everything else in cleaning together.
_PROSE = 60
_TRIGGERS = {
    # Plain alternatives: re scans for their first letters at the speed of C, where a loop in Python takes ten times as long.
    name: re.compile("|".join(map(re.escape, words.split())))
    for name, words in {
        "follow us or scan": "码 碼 关注 關注 公众号 公眾號 公号 微信 微博 群 频道 頻道 欢迎 歡迎 app 客户端 海量资讯 订阅 訂閱"
        " scan follow subscribe join download フォロー チャンネル",
        "share, like or comment": "打赏 打賞 赞 讚 鼓励 贊助 三连 paypal patreon 爱发电 share tweet like",
        "licence": "版权 版權 著作权 © copyright reserved licensed cc 授权 授權 许可 转载 轉載 原创 原創 投稿 首发 侵 题图 发布于",
        "disclaimer": "声明 聲明 风险提示 观点 觀點 立场 立場 建议 投资有风险 据此 disclaimer",
        "advertisement": "广告 廣告 推广 赞助 advert sponsored 点击 點擊 优惠 购买 购 抢购 限 链接 券",
        "related or next": "相关 相關 推荐 推薦 延伸 扩展 往期 上期 下期 更多 热门 精彩 猜你 你可能 上一 下一 返回 查看 阅读 閱讀"
        " related also see all view read recommended more from page 関連 あわせて 続き",
        "thanks": "感谢 感謝 thanks h/t hat tip",
        "paywall": "付费 登录 登陆 订阅 购买 subscribe members",
        "contact": "商务 投稿 合作 报道 爆料 联系 聯絡 咨询 疑问 问题 线索 contact touch inquiries information",
    }.items()
}


def find_cue(line: str) -> str:
    """The name of the first cue a line gives, "" when it gives none."""
    prose = line.lower() if len(line) > _PROSE else ""
    for name, cue in CUES.items():
        if prose and (name not in _TRIGGERS or not _TRIGGERS[name].search(prose)):
            continue
        if cue.search(line):
            return name
    return ""


_ROLE = r"责任编辑|責任編輯|值班编辑|执行编辑|新媒体编辑|本文编辑|编辑|編輯|责编|責編|主编|美编|排版|校对|校對|审校|审核|监制|出品|策划|运营|统筹|值班|版式|制图|设计"
_AUTHOR = r"作者|撰文|撰稿|文字|采写|采访|记者|記者|通讯员|翻译|编译|译者|译|摄影|图片|图|文|来源|來源"
_GAP = r"\s*[:：/丨｜|·]\s*|\s+"
_NAME = r"[^\s:：/丨｜|。，,；;（）()【】]{1,14}(?:[、，, ][^\s:：/丨｜|。，,；;（）()【】]{2,6}){0,3}"

_CREDITS = re.compile(
    rf"^[（(\[【\s]*(?:(?:{_ROLE}|{_AUTHOR})(?:{_GAP})(?:{_NAME})[\s,，;；|丨]*)*(?:{_ROLE})(?:{_GAP})(?:{_NAME})"
    rf"(?:[\s,，;；|丨]*(?:{_ROLE}|{_AUTHOR})(?:{_GAP})(?:{_NAME}))*[）)\]】\s]*$"
)
# What each of the roles holds: a line without any of these needs no regular expression.
_EDITING = re.compile("编|編|校|审核|审校|排版|版式|监制|出品|策划|运营|统筹|值班|制图|设计")


def is_credits(line: str) -> bool:
    """A line of nothing but credits, an editor's or designer's among them. An author alone is part of the article."""
    return bool(_EDITING.search(line) and _CREDITS.match(line))


EDITOR = re.compile(
    rf"(?:责任编辑|責任編輯|值班编辑|执行编辑|新媒体编辑|本文编辑|编辑|編輯|责编|責編)(?:{_GAP})"
    r"([^\s:：/丨｜|。，,；;（）()【】]{1,14}(?:[、，,][^\s:：/丨｜|。，,；;（）()【】]{2,6})*)"
)
