"""Patterns of boilerplate lines: they sell, ask, license, credit, or point elsewhere.

The patterns cover simplified and traditional Chinese, English and Japanese. They come from the tails of articles from
the 69 sources of the development corpus, and none is specific to one source. A pattern alone removes nothing:
`head_tail` and `block_signals` weigh it with position, length and links.
"""
# Each alternative of a pattern is on one line, however long.
# ruff: noqa: E501

from __future__ import annotations

import re
from functools import lru_cache


def _pattern(*alternatives: str) -> re.Pattern[str]:
    """Compile alternatives into one case-insensitive pattern."""
    return re.compile("|".join(alternatives), re.IGNORECASE)


_COUNTER_WORDS = (
    r"赞|讚|喜欢|喜歡|评论|評論|回复|回覆|阅读|閱讀|浏览|瀏覽|收藏|分享|转发|轉發|打赏|在看|播放|人(?:阅读|喜欢|收藏|关注|赞)|次(?:播放|阅读|浏览)|条(?:评论|回复)"
    r"|likes?|saves?|comments?|views?|shares?|claps?|reads?|followers?|repl(?:y|ies)|upvotes?|downloads?|reactions?|notes?"
)

# Words between the verb and the code when a line appeals to readers. "扫描公示牌二维码" reports something else.
_POINTING_WORDS = (
    r"(?:下方|上方|下面|上面|下图|下圖|上图|图中|文末|以下|左侧|右侧|右边|底部|屏幕|此|本|该|这个|我们|的|微信|官方|专属|小程序|图片|圖片|二维码|二維碼"
    r"|识别|識別|扫码|或|并|後|后|可|来|即可|一下|[、，,“”‘’「」\s\d]){0,8}"
)

PATTERNS = {
    "follow us or scan": _pattern(
        rf"(?:扫描|掃描|扫码|掃碼|扫一扫|掃一掃|长按|長按|識別|识别){_POINTING_WORDS}(?:二维码|二維碼|关注|關注|下载|下載|加入|图片|添加|分享|小程序)|(?:长按|長按).{{0,6}}(?:识别|識別)",
        r"(?:关注|關注|搜索|搜寻|搜尋|添加|加入|订阅|訂閱|追蹤).{0,14}(?:公众号|公眾號|公号|微信号|微信群|QQ ?群|微博|小助手|频道|頻道|粉丝|粉絲|社群|群组|群組|抖音|视频号|小红书|电子报|電子報|Instagram|Facebook|Telegram)",
        r"(?:公众号|公眾號|微信号|微信|QQ ?群|交流群|群号|粉丝群)\s*[:：]\s*\S+$",
        r"(?:二维码|二維碼)$|欢迎(?:关注|加入|订阅|扫码|搜寻|搜索)|歡迎(?:關注|加入|訂閱|追蹤|搜尋)|^(?:点击|點擊|戳)(?:上方|下方|蓝字)|(?:关注|關注|追蹤)(?:我们|我們|我)(?:[,，。!！~～]|$)|不迷路",
        r"(?:设为|加|標|标)星标|(?:进|加|入)(?:粉丝|读者|交流|讨论)?群(?:聊|$)|(?:按讚|按赞).{0,8}(?:粉專|专页|專頁)|加\s?LINE\s?好友",
        r"(?:下载|下載|尽在|打开|打開).{0,16}(?:APP|客户端|客戶端|应用程序|應用程式)|海量资讯|更多.{0,10}(?:请|請)?(?:关注|關注)|加好友$|听友群|聽友群|欢迎在.{0,40}(?:收听|订阅|关注)",
        r"scan (?:the|this) (?:qr )?code|follow (?:us|me|@\w+)\b|subscribe to (?:our|my|the)|join (?:our|us on) |^join the |download (?:the|our) app|sign up (?:for|to)\b|get our newsletter|find us on",
        r"フォロー(?:して|する|はこちら)|チャンネル登録|公式(?:アカウント|LINE|Twitter|X)|メルマガ|友だち追加",
    ),
    "share, like or comment": _pattern(
        r"^(?:分享(?:到|至|让更多人看到)?|转发|轉發|點讚|点赞|赞过|喜欢|打赏|打賞|赞赏|讚賞|支持作者|顶一下|踩一下|顶|踩|收藏|举报|舉報|反馈|评论|評論|留言|在看|赞|シェア|ツイート)"
        r"(?:[\s\d:：/|·、，,()（）和与…]|正在加载|展开|作者|顶一下|踩一下|分享(?:到|至)?|转发|轉發|點讚|点赞|喜欢|打赏|打賞|赞赏|收藏|举报|反馈|评论|評論|留言|在看|微信|微博|新浪|腾讯|朋友圈|QQ|空间|豆瓣|赞|好友|更多|复制|链接|シェア|ツイート|する)*$",
        r"(?:(?:给|向|為|为)(?:作者|TA|我)|^(?:给|向|為|为)他).{0,4}(?:打赏|打賞|赞赏|讚賞|点赞)|鼓励一下(?:TA|作者)|^鼓励(?:TA|作者)|(?:Paypal|Patreon|贊助|赞助|爱发电).{0,8}(?:打賞|打赏|支持)$|^(?:Paypal|Patreon|贊助|赞助(?!商)|爱发电).{0,8}$|(?:赞赏|打赏)支持|还没有人(?:赞赏|打赏)|已有\d+人(?:赞赏|打赏|点赞)",
        r"(?:(?:点|點)(?:个|個).{0,2}|(?:^|[求请請下手]|记得|記得|欢迎|歡迎|帮忙|[给給]我们?)(?:点|點).{0,2})(?:赞|讚|在看).{0,12}$|(?:一键|素质|求|来个|点赞)三连|三连(?:支持)?[!！~～。]?$|(?:如果|若|要是)?(?:您|你)?(?:觉得|覺得|喜欢)(?:本文|文章|这篇|不错|阅读).{0,24}(?:点赞|推荐|分享|转发|关注|赞赏|收藏|在看|再走)",
        r"(?:解决了?您的问题|(?:对|對)(?:您|你)(?:是否)?有(?:帮助|幫助)|was this (?:article|page|post) helpful|(?:hit|click|smash|ring) the (?:bell|like|subscribe)|don'?t forget to (?:like|subscribe)|found this (?:article|post|story) (?:interesting|helpful|useful)|看完.{0,6}(?:覺得|觉得))",
        r"^(?:share (?:this|on|via)|tweet(?: this)?|like this|facebook|twitter|email|print)[\s:|/·]*(?:(?:share|facebook|twitter|linkedin|email|print|reddit|whatsapp)[\s:|/·]*)*$|^(?:leave|post|add) a (?:comment|reply)|^submitted by /?u?|^reblog this|^(?:点击|點擊)(?:这里|這裡|此处)?.{0,4}(?:留言|评论|評論)",
        rf"^(?:(?:\d[\d,.]*\s*[kKwW万萬]?\s*(?:{_COUNTER_WORDS})|(?:{_COUNTER_WORDS})\s*[:：(（]?\s*\d[\d,.]*\s*[kKwW万萬]?[)）]?)[\s·|,，/]*)+$",
        rf"^(?:[👍👎👏❤♥💬🗨⭐🌟🔁🔖👀📤]\ufe0f?\s*(?:\d[\d,.]*\s*[kKwW万萬]?|{_COUNTER_WORDS})[\s·|,，/]*){{2,}}$",
        r"(?:浏览|瀏覽|阅读|点击|閱讀|點閱)(?:次数|次數|量|数|數)\s*[:：]?\s*\d*次?$|^(?:我要)?(?:纠错|挑错|报错)$",
    ),
    "licence": _pattern(
        r"^(?:版权(?:声明|所有|归)|版權(?:聲明|所有)|著作权归|著作權|©|\(?c\)\s*(?:\d{4}|copyright)|copyright\b|all rights reserved|licensed under|CC[ -]BY|无断|無断)",
        r"^(?:本文|本作品|文章|本站|本刊|以上内容).{0,24}(?:原创|原創|授权|授權|转载|轉載|投稿|许可|協議|协议|首发|发布于|版权|版權)",
        r"(?:未经|未經|禁止|谢绝|請勿|请勿).{0,16}(?:许可|授权|授權|允許|允许|转载|轉載|复制|複製)|(?:转载|轉載|转发)(?:请|請|须|須|时|時|需|自|本文|或|必究)|侵(?:权|权|犯).{0,8}(?:删|联系|必究|反馈)|無断(?:転載|複製)",
        r"^题图(?:来自|来源|由|[:：])[^。]{0,30}$|appeared first on|(?:was )?(?:originally|first) (?:published|posted|appeared) (?:in|on|at|by)\b(?! \d{4}\b)|where people are continuing the conversation",
    ),
    "disclaimer": _pattern(
        r"^(?:免责声明|免責聲明|风险提示|特别声明|平台声明|作者声明|声明[:：]|郑重声明|disclaimer|notice: the content)",
        r"(?:仅代表|僅代表|不代表).{0,16}(?:观点|觀點|立场|立場)|不构成(?:任何)?(?:投资|操作)?建议|投资有风险|据此(?:操作|入市|买卖)|风险自(?:担|负)|仅提供信息存储|无利益相关",
        r"(?:may|might) (?:earn|receive) (?:a |an )?(?:\w+ )?commission|as an amazon associate|affiliate links?\b.{0,60}(?:commission|support)|opinions expressed .{0,40}(?:own|author)",
    ),
    "advertisement": _pattern(
        r"^(?:广告|廣告|推广|赞助商|advertisement|sponsored|広告|PR)(?:\s|[:：]|$)|广告(?:等)?(?:商务)?合作",
        r"(?:每位|每人).{0,6}限(?:领|購|购)|(?:抢购|体验金|理财券|红包|福利).{0,14}(?:通道|限量|限时|领取|来了|数量有限)",
        r"(?:点击|點擊).{0,16}(?:购买|購買|领取|領取|领券|下单|开户|预订|預訂|预购|预售|报名|報名|\d折)|(?:优惠|優惠|折扣)(?:券|碼|码|订阅)|^(?:立即|马上|点击|免费)?(?:下载|下載|预约|咨询|試用|试用|报名|報名)$|(?:立即|马上|限时|去)(?:购买|抢购|开户|领取|优惠|下单)|直达链接|购买链接",
    ),
    "related or next": _pattern(
        r"^[【\[「]?(?:相关|相關|关联|關聯|推荐|推薦|延伸|扩展|拓展|往期|更多|热门|熱門|精彩|最新|猜你|你可能|编辑|編輯).{0,4}(?:阅读|閱讀|文章|推荐|推薦|新闻|新聞|報道|报道|报导|報導|内容|內容|回顾|喜欢|资讯|精彩|精选|精選|专题|專題|链接)",
        r"^(?:上期|往期|下期|上一期|前情)(?:回顾|提要)?\s*[:：]",
        r"(?:阅读|閱讀|查看)(?:余下|剩余)(?:全文|内容)|查看(?:本文|更多).{0,8}$",
        r"^(?:上一[篇页頁条條則则]|下一[篇页頁条條則则]|前一篇|后一篇|返回(?:首页|列表|顶部|.{0,6}首页)|关闭(?:窗口)?$|回顶部)|^(?:点击|點擊)?(?:查看|阅读|閱讀)(?:更多|全部|原文|全文)|^点击阅读|翻页$|^(?:请|請)?(?:继续|繼續)往下(?:阅读|閱讀)|^文章(?:内容)?导航",
        r"^(?:related (?:articles|posts|stories|reading|links|content)|you (?:may|might) also like|see all|view all|read next|recommended|more from|more on|read more|also read|latest (?:news|stories|posts)|trending|most (?:read|popular)|popular (?:posts|articles|now)|next (?:article|post)|previous (?:article|post)|pages?:\s*\d|continue reading|skip )",
        r"^(?:関連(?:記事|リンク|ニュース)|あわせて読みたい|続きを読む|こちらも|こんな(?:特集|記事)も|おすすめ(?:記事)?|人気記事)",
    ),
    "thanks": _pattern(
        r"(?:感谢|感謝).{0,60}(?:线索投递|投递|投稿|供稿|爆料|提供线索)|^(?:thanks|h/t|hat tip) to .{0,40}(?:for the (?:tip|link))",
    ),
    "end mark": _pattern(
        r"^[\s\-—–=~*_·.（(【\[■◆#©]*(?:end|fin|完|全文完|本文完|the end|终|終|おわり)[\s\-—–=~*_·.）)】\]■◆#]*$"
    ),
    "paywall": _pattern(
        r"(?:本文为付费|剩余.{0,12}(?:付费|订阅)|(?:登录|登陆|登入|订阅|訂閱|付费|购买|成為.{0,4}[会會]员)[^，。]{0,10}(?:后|後|可|继续|繼續|以)[^，。]{0,6}(?:阅读|查看|收听|閱讀|全文))",
        r"(?:请|請)(?:先)?(?:订阅|訂閱|登录|登入|登陆|注册|註冊)|(?:成为|成為|加入).{0,6}(?:会员|會員)|(?:立即|马上|立刻|按此).{0,4}(?:订阅|訂閱)|想看更多(?:深度|精彩)?",
        r"subscribe (?:to (?:read|continue)|now)|this (?:article|content) is for (?:subscribers|members)|already a (?:subscriber|member)|(?:by (?:subscribing|submitting|signing up|clicking)[^.]{0,40} you agree)|^(?:register|subscribe|sign up|join|log ?in|save your (?:seat|spot))(?: now| here| today)?[.!]?$",
        r"有料(?:会員|記事)|会員登録|残り\s*[:：]?\s*\d+\s*文字|続きを(?:読|お読)|ログイン(?:して|すると)",
    ),
    "contact": _pattern(
        r"^(?:商务|投稿|合作|寻求报道|爆料|报料|联系我们|聯絡我們|有(?:任何)?(?:疑问|问题|线索)).{0,30}(?:[:：@]|邮箱|郵箱|信箱|微信|电话|電話|联系|聯絡)|请联系我们|(?:简历|簡歷|履歷)(?:至|到|[:：]|.{0,10}@)|(?:诚聘|招聘).{0,20}(?:加入|欢迎|英才)|欢迎(?:投稿|联系|爆料)|(?<=..)(?:报料|爆料|新闻热线|纠错|举报)(?:热线|电话|邮箱)?\s*[:：]\s*[\d@\w.-]+$",
        r"^(?:contact us|get in touch|for (?:more )?(?:inquiries|information)[,:])",
    ),
    "sent from": _pattern(
        r"^[-—\s]*(?:发自|来自|發自)\s?.{0,30}(?:iPhone|iPad|Android|安卓|客户端|手机|App)|^sent from (?:my|mail)",
        r"^[（(【\s]*(?:本帖)?最[后後](?:由|于|编辑|編輯|修改|更新|回复).{0,30}(?:编辑|編輯|于|時間|时间|\d)",
    ),
    "player": _pattern(
        r"to view this video|enable javascript|(?:browser|浏览器|ブラウザ).{0,20}(?:support|支持|サポート|対応)|html5 video",
    ),
    "undefined": _pattern(r"^(?:undefined|null|NaN|\[?object Object\]|\s|/|,)+$"),
}

# Words of which a line must contain at least one before its pattern is tried. They are plain alternatives, which `re`
# finds at the speed of C by their first letters. Trying every pattern on every line would cost more than the rest of
# cleaning.
_TRIGGERS = {
    name: re.compile("|".join(map(re.escape, words.split())))
    for name, words in {
        "follow us or scan": "码 碼 长按 長按 识别 識別 关注 關注 公众号 公眾號 公号 微信 微博 群 频道 頻道 欢迎 歡迎 app 客户端 客戶端 海量资讯 订阅 訂閱 搜寻 搜尋 追蹤 搜索"
        " 小助手 社群 抖音 视频号 小红书 电子报 電子報 instagram facebook telegram 添加 尽在 @ 蓝字 迷路 星标 粉 听友 聽友 好友 按赞 按讚 更多 应用 應用 line 扫 掃 戳 上方 下方 scan follow subscribe join download sign newsletter find フォロー チャンネル 公式"
        " メルマガ 友だち",
        "share, like or comment": "分享 转发 轉發 點讚 点赞 赞 讚 喜欢 喜歡 打赏 打賞 支持 收藏 举报 舉報 反馈 评论 評論 留言 在看 シェア ツイート 鼓励 贊助 三连 推荐"
        " 顶 踩 覺得 觉得 解决 帮助 幫助 浏览 瀏覽 阅读 閱讀 点击 點擊 點閱 播放 回复 回覆 人 纠错 挑错 报错 paypal patreon 爱发电"
        " bell forget share tweet like facebook twitter email print helpful interesting useful leave post add submitted reblog found"
        " save comment view clap read follow repl upvote download reaction note 👍 👎 👏 ❤ ♥ 💬 🗨 ⭐ 🌟 🔁 🔖 👀 📤",
        "licence": "版权 版權 著作 © copyright c) reserved licensed cc 授权 授權 许可 允许 允許 协议 協議 转载 轉載 转发 复制 複製 原创 原創 投稿 首发 侵 题图 发布于 無断 无断"
        " appeared published posted conversation",
        "disclaimer": "声明 聲明 风险 观点 觀點 立场 立場 建议 投资有风险 据此 存储 利益 disclaimer notice commission affiliate associate opinions",
        "advertisement": "广告 廣告 広告 推广 赞助 advert sponsored pr 点击 點擊 优惠 優惠 折 购 購 限 链接 券 预约 咨询 试用 試用 报名 報名 下载 下載 开户 领取"
        " 下单 通道 红包 福利 体验金 理财券",
        "related or next": "相关 相關 关联 關聯 推荐 推薦 延伸 扩展 拓展 往期 上期 下期 上一 下一 前一 后一 前情 更多 热门 熱門 精彩 最新 猜你 你可能 编辑 編輯 返回 查看"
        " 阅读 閱讀 翻页 导航 继续 繼續 关闭 回顶部 related also see all view read recommended more from page continue skip latest next previous"
        " trending most popular 関連 あわせて 続き こちら こんな おすすめ 人気",
        "thanks": "感谢 感謝 thanks h/t hat tip",
        "end mark": "end fin 完 终 終 おわり",
        "paywall": "付费 登录 登陆 登入 订阅 訂閱 购买 会员 會員 注册 註冊 會员 想看 subscribe subscrib members agree member register sign join log save 有料 会員 残り 続き"
        " ログイン",
        "contact": "商务 投稿 合作 报道 爆料 报料 联系 聯絡 疑问 问题 线索 热线 纠错 举报 简历 簡歷 履歷 招聘 诚聘 contact touch inquiries information",
        "sent from": "发自 来自 發自 最后 最後 sent",
        "player": "video browser javascript 浏览器 ブラウザ",
        "undefined": "undefined null nan object",
    }.items()
}
_ANY_TRIGGER = re.compile(
    "|".join(sorted({words for trigger in _TRIGGERS.values() for words in trigger.pattern.split("|")}))
)

# A longer line is a sentence: offers and pointers count only at its beginning.
_MIN_SENTENCE_LENGTH = 60
_BEGINNING_LENGTH = 30
_MAX_TRIGGER_DISTANCE = 60  # from the start of a match to the word that triggers the pattern
_VALID_IN_SENTENCES = frozenset({"follow us or scan", "licence", "disclaimer", "thanks", "contact"})

# Labels and buttons. A line that starts like one but ends in a full stop, and asks the reader for nothing, is a
# sentence ("相关报道引起了监管部门的注意。").
_LABEL_PATTERNS = frozenset({"share, like or comment", "advertisement", "related or next", "sent from"})
_ASKS_READER = re.compile("请|請|点击|點擊|欢迎|歡迎|您|你|我|吧|戳|购买|購買|领取|領取|抢购|限")

# Brackets, bullets, hashes and the like in front of a line do not change what it says.
_LEADING_MARKS = "（(【[「『《<#*•·-—–—>»→📢📮💬👉🔗 "


@lru_cache(maxsize=4096)  # articles share the lines at their ends
def find_pattern(line: str) -> str:
    """Return the name of the first pattern that a line matches, "" if it matches none.

    >>> find_pattern("【相关阅读】")
    'related or next'
    >>> find_pattern("相关报道引起了监管部门的注意。")
    ''
    """
    line = line.lstrip(_LEADING_MARKS)
    lower = line.lower()
    if not _ANY_TRIGGER.search(lower):
        return ""
    is_long = len(line) > _MIN_SENTENCE_LENGTH
    is_sentence = line.endswith("。") and not _ASKS_READER.search(line)
    for name, pattern in PATTERNS.items():
        if is_sentence and name in _LABEL_PATTERNS:
            continue
        is_limited_to_beginning = is_long and name not in _VALID_IN_SENTENCES
        search_length = _BEGINNING_LENGTH + _MAX_TRIGGER_DISTANCE if is_limited_to_beginning else len(lower)
        match = pattern.search(line) if _TRIGGERS[name].search(lower, 0, search_length) else None
        if match and (not is_limited_to_beginning or match.start() < _BEGINNING_LENGTH):
            return name
    return ""


_ROLE = (
    r"(?:责任|責任|值班|执行|新媒体|本文|网络|图片|圖片|版面|文字|视频|实习|见习|助理|频道|英文)?(?:编辑|編輯|编審|编审)|责编|責編|主编|主編|美编|美編"
    r"|排版|(?:责任|責任)?校[对對]|[审審]校|审核|審核|[初復复終终一二三][审審]|审签|签发|监制|监製|監製|出品|策划|运营|统筹|值班|版式|制图|设计|編集"
)
_AUTHOR = r"作者|撰文|撰稿|文字|采写|采访|记者|記者|通讯员|翻译|编译|译者|译|摄影|攝影|图片|图|文|(?:本文|稿件|内容)?(?:来源|來源)"
_SEPARATOR = r"\s*[:：/／丨｜|·]\s*|\s+"
_LETTER = r"[^\s:：/丨｜|。，,；;]"
# A name ends where the next role begins, and nowhere else. If a line could be split in two ways at each of a dozen
# roles, `re` would try four thousand splits.
_NOT_A_ROLE = rf"(?!(?:{_ROLE}|{_AUTHOR})(?:{_SEPARATOR}))"
_NAME = (
    rf"{_LETTER}(?:{_NOT_A_ROLE}{_LETTER}){{0,13}}(?: [A-Z]{{1,4}}\d{{2,6}})?"
    rf"(?:[、，, ](?:{_NOT_A_ROLE}{_LETTER}){{2,6}}){{0,3}}"
)
_CREDITS_SEPARATOR = r"[\s,，;；|丨]*"

_CREDITS = re.compile(
    rf"^(?:(?:{_ROLE}|{_AUTHOR})(?:{_SEPARATOR})(?:{_NAME}){_CREDITS_SEPARATOR})*(?:(?:{_ROLE})(?:{_SEPARATOR})(?:{_NAME})|(?:责任)?编辑[:：]$)"
    rf"(?:{_CREDITS_SEPARATOR}(?:{_ROLE}|{_AUTHOR})(?:{_SEPARATOR})(?:{_NAME}))*{_CREDITS_SEPARATOR}$"
)
# Every role contains one of these, so a line without them needs no pattern. Alternatives, not a character class: `re`
# skips to the next of their first characters.
_EDITING_WORD = re.compile("编|編|校|审|審|排版|版式|监制|監製|出品|策划|运营|统筹|值班|签发|制图|设计")
_CREDITS_NOISE = re.compile(r"[（）()\[\]【】]|纠错|关闭|打印|本文首发[于自]?\s?[^，,\s]{0,12}")


def is_credits(line: str) -> bool:
    """Return True for a line of nothing but credits, with an editor or designer among them.

    An author alone is part of the article.

    >>> is_credits("责任编辑：张三 校对：李四"), is_credits("作者：张三")
    (True, False)
    """
    return bool(_EDITING_WORD.search(line) and _CREDITS.match(_CREDITS_NOISE.sub(" ", line).strip(" ，,")))


# Some roles are also headings ("设计：更轻更薄"). Credits that contain one of these are certain.
_EDITING_ONLY = re.compile("[编編校]|责任|責任|排版|监制|監製|出品|值班|签发|@|[初復复終终一二三][审審]")


def is_credits_anywhere(line: str) -> bool:
    """Return True for credits that could not be the heading of a section."""
    return is_credits(line) and bool(_EDITING_ONLY.search(line))


EDITOR = re.compile(
    rf"(?:(?:责任|責任|值班|执行|新媒体|本文)?(?:编辑|編輯)|责编|責編|編集)(?:{_SEPARATOR})"
    r"([^\s:：/丨｜|。，,；;（）()【】\[\]]{1,14}(?:[、，,][^\s:：/丨｜|。，,；;（）()【】\[\]]{2,6})*)"
)
