"""Compare segmenters, tables of word rarity and constants: precision and recall of keywords against tags of a person.

    python benchmarks/keywords.py [--corpus PATH] [--constants]

Precision and recall are those of the first five keywords. A keyword counts if it equals one of a tag's spellings, case
and width aside. Time is a multiple of the chosen candidate's, for texts of 1,500 characters. Each candidate runs in a
process of its own, for its load time and memory; one that is not installed is skipped.
"""

from __future__ import annotations

import argparse
import math
import re
import resource
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib import import_module, resources
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "plugins"))

# The start of a file's path in the corpus, then its tags as an archivist would give them (several spellings of one tag
# with " = "). Read and tagged before the first candidate ran; the rules were then made on these.
TAGGED_BEFORE = """
新媒体/36kr/快讯/科达制造
    科达制造, 科达机电 = 安徽科达机电, 分拆上市 = 分拆
新媒体/36kr/快讯/法国2023年
    法国, 化石能源 = 化石能源项目 = 新化石能源, 预算法案 = 预算
新媒体/IT 之家/分类资讯/Twitter CEO
    Twitter = Twitter CEO, 马斯克 = 埃隆・马斯克 = Elon Musk, 阿格拉瓦尔 = 帕拉格・阿格拉瓦尔 = Parag Agrawal,
    特斯拉 = 特斯拉 CEO, 起诉 = 诉讼 = 作证, 收购 = 收购协议
新媒体/IT 之家/热榜/腾讯网易
    腾讯, 网易, 未成年人, 网络游戏 = 游戏 = 网络游戏服务 = 网络游戏企业, 国庆 = 国庆节,
    限玩 = 游戏限玩 = 未成年人限玩
新媒体/MIT 科技评论/首页/DeepMind
    DeepMind, Sparrow, 聊天机器人 = AI聊天机器人 = 人工智能聊天机器人 = 机器人, 人工智能 = AI, 谷歌 = 谷歌搜索,
    语言模型 = 大型语言模型 = 强化学习
新媒体/MIT 科技评论/首页/创新增长策略丨巴斯夫
    巴斯夫, 增材制造 = 3D 打印 = 3D打印, 化工 = 化工巨头 = 化工公司, 农业科技 = 农业,
    电池 = 电池技术 = 电动汽车, 回收 = 回收技术 = 减碳技术 = 减碳
新媒体/Matters/最新、熱議、精華/2022林茲電子藝術節（一）
    林茲電子藝術節 = 電子藝術節, NFT, 林茲, 數位藝術 = 電子藝術, 百岳計畫 = FAB DAO, 策展人 = 策展
新媒体/Matters/最新、熱議、精華/为什么俄罗斯的失败
    俄罗斯, 乌克兰, 普京, 战争, 动员 = 部分动员
新媒体/快媒体/首页更新/特拉斯：面对
    特拉斯 = Liz Truss, 英国, 美国, 英美特殊关系 = 特殊关系 = 英美, 台湾, 中国 = 中俄 = 俄罗斯
新媒体/SocialBeta/首页/迪士尼
    迪士尼, IP, 米奇, 营销 = 品牌营销 = 营销活动, 品牌 = 百年品牌, 史迪奇 = 星际宝贝
新媒体/ZAKER/精读/被俄乌
    扎波罗热核电站 = 扎波罗热, 核电站 = 核电 = 核能 = 核电机组, 乌克兰, 俄罗斯 = 俄乌 = 俄乌冲突,
    国际原子能机构, 切尔诺贝利 = 核灾难
新媒体/cnBeta/最新/斯坦福大学
    斯坦福大学, 电动汽车 = 电动车, 充电, 电网 = 电力系统 = 电力, 加州 = 美国西部 = 美国西部地区, 储能
新媒体/人人都是产品经理/最新文章/天气会员
    墨迹天气, 天气预报 = 气象预报 = 天气, 会员 = 付费会员 = 天气会员 = 会员服务 = 付费会员服务, 收费 = 付费
新媒体/后续/Live/广西玉林博白县
    非洲猪瘟, 博白县, 玉林 = 广西玉林 = 广西, 疫区 = 疫情 = 封锁
新媒体/好奇心日报/标签，栏目，分类/舞蹈剧场
    小王子, 舞蹈剧场 = 舞蹈 = 舞蹈剧场版, 蛋白质舞团 = 舞团, 西尔维斯特 = 卢卡·西尔维斯特 = Luca Silvestrini
新媒体/异次元软件世界/首页/最新 Windows 11 ARM
    Windows 11 = Windows 11 ARM = Win11 = Win11 ARM = Windows, ARM = ARM 版 = Windows ARM,
    ISO = ISO 镜像 = 镜像 = 系统 ISO, 虚拟机 = PD 虚拟机 = PD虚拟机 = Parallels Desktop, Mac = 苹果 = Apple,
    微软
新媒体/科学网/博客/首个单晶
    钙钛矿 = 有机钙钛矿 = 钙钛矿光纤, 光纤, 单晶 = 单晶金属,
    伦敦玛丽皇后大学 = 玛丽皇后大学 = Queen Mary University of London, 苏雷 = Lei Su = 苏雷博士
新媒体/观察者网/头条/欧洲凛冬
    欧洲 = 欧盟, 电热毯, 取暖器 = 取暖设备 = 取暖神器 = 取暖, 天然气 = 能源, 出口, 彩虹集团 = 家电
新媒体/虎嗅/标签/【虎嗅早报】马云三刷
    马云, 绿皮书, 京东, 小米 = 小米金融, 虎嗅 = 虎嗅早报, 搜狐 = 张朝阳, 紫米电子 = 雷军
博客/劍心．回憶/分类/【日劇】《男友降臨
    男友降臨 = 男友降臨！, 高橋海人, 田中美奈實, 櫻井友紀, 日劇 = 秋季日劇
博客/劍心．回憶/分类/【收視】
    初戀的惡魔, 純愛不協和音, 新．信長公記 = 信長公記, 收視 = 收視率 = 收視排名, 日劇, 六本木Class = 六本木
博客/Google Sites/文章更新/Prime Number
    質數 = Prime Number, 質因數分解 = 質因數 = Prime factorization, 整數
阅读/博客来/新书出版/NARUTO
    火影忍者 = NARUTO = NARUTO火影忍者, 漩渦鳴人 = 鳴人, 鳴人烈傳 = 烈傳, 大蛇丸 = 忍者 = 忍具, 江坂純
游戏/3DMGame/新闻中心/《火焰纹章
    火焰纹章 = 火焰纹章 Engage = 火焰之纹章, 芙兰, Switch, 琉尔 = 神龙, 邪龙 = 纹章士
编程/ACM/图灵奖获得者/2020
    Alfred Vaino Aho = Aho, Jeffrey David Ullman = Ullman, programming language = programming,
    algorithms = fundamental algorithms, computer scientists = books
编程/ACM/图灵奖获得者/2018
    Yoshua Bengio = Bengio, neural networks = deep neural networks = deep learning,
    Montreal = University of Montreal, Hinton = Geoffrey Hinton = Geoffey Hinton = LeCun = Yann LeCun,
    McGill = Canada, machine learning = artificial intelligence
设计/Monotype/Featured Article/What are font
    superfamilies = superfamily = font superfamilies, Monotype, typeface = typefaces, fonts = font,
    Weinzierl = Terrance Weinzierl, brand = brands = Brand design
设计/Method Studios/菜单/Xbox Halo
    Halo = Halo 5 = Xbox Halo = Xbox Halo 5 = Xbox, Guardians, The Hunt Begins = Hunt Begins, VFX, Henry Hobson,
    Benjamin Walsh = A Hero Falls = Method
编程/Dockone/周报/深入OpenTelemetry
    OpenTelemetry, 指标 = 监控指标 = OpenTelemetry指标 = 指标数据, 可观测性,
    云原生 = 云原生计算基金会 = CNCF = Kubernetes, Prometheus, 链路追踪 = Exemplars
编程/开源中国/资讯/接口测试
    MeterSphere, 接口测试 = 接口, 自定义模板 = 模板 = 自定义,
    测试平台 = 持续测试 = 持续测试平台 = UI测试 = UI自动化测试, 开源, 测试用例 = 用例 = 文件管理
编程/GitChat/最新文章/XtraBackup
    XtraBackup = Percona XtraBackup, MySQL, 备份 = 热备份, Percona = InnoDB = MyISAM
金融/证券时报网/快讯/捷邦科技
    捷邦科技, 碳纳米管 = 碳纳米管导电浆料 = 导电浆料, 宁德时代, 比亚迪,
    亿纬锂能 = 鹏辉能源 = 多氟多 = 拓邦新能源 = 久森能源
金融/证券时报网/要闻/多地推行
    带押过户, 二手房 = 二手房交易, 楼市 = 房产, 抵押 = 抵押权, 按揭贷款 = 按揭 = 贷款 = 房贷 = 银行按揭贷款
金融/中证网/资讯/上交所：受理
    轩竹生物 = 轩竹生物科技, 科创板 = 科创板IPO, IPO, 上交所,
    新药 = 生物药 = 大分子生物药 = 抗体 = 抗体偶联药物 = 双特异性抗体
金融/格隆汇/主题文章/中金：高股息
    高股息 = 高股息策略, A股 = A股市场 = A股上市公司, 股息率 = 股息 = 股息率高, 分红 = 现金分红,
    中金 = 中金公司, 上市公司
金融/格隆汇/主题文章/美元何时
    A股 = A 股 = A股市场, 美元 = 美元指数 = 强美元, 美联储, 加息, 估值 = 风险溢价, 国庆 = 长假
新媒体/高科技行业门户/新闻/中国大硅片
    硅片 = 大硅片 = 12英寸硅片 = 英寸硅片, 半导体 = 半导体材料, 晶圆厂 = 晶圆, 芯片, 产能 = 制程,
    中芯国际 = 台积电 = SUMCO = 环球晶圆 = 沪硅产业
阅读/左岸读书/主页/停止内耗
    内耗 = 精神内耗, 独处, 情绪 = 坏情绪 = 不良情绪, 运动, 阅读 = 读书, 焦虑 = 接纳自己
新媒体/观察者网/首页/亚裔男子
    芝加哥, 亚裔男子 = 亚裔, 抢劫, 地铁 = 红线地铁, 嫌疑人 = 警方 = 芝加哥警局, 芝加哥交通管理局 = 交通管理局
编程/GitChat/最新文章/逐行解读
    HikariCP = Hikari, 连接池 = 数据库连接池 = Hikari连接池, 数据库, Springboot = Springboot 2.0, Druid = C3P0
新媒体/观察者网/首页/美国芯片业
    芯片 = 芯片业 = 芯片企业 = 芯片产业 = 芯片行业, 半导体, 美国, 日本,
    SRC = Semiconductor Research Corporation, 研发 = 科研项目
新媒体/品玩/实时要闻/【数码晚报】特斯拉
    特斯拉, Tesla Bot = Tesla, 机器人 = 人形机器人, AI Day
社交媒体/知乎/知乎热榜/新能源车
    比亚迪, 新能源车 = 新能源汽车 = 新能源, 燃油车, 车企 = 汽车
游戏/GameRes 游资网/热点推荐/育碧谈
    育碧, 孤岛惊魂 = 孤岛惊魂6, 音效 = 音频 = 游戏音频, Eduardo Vaisman = Vaisman, 雅拉 = 音频总监,
    音乐 = 歌曲 = 收音机
游戏/Nintendo/eShop 新发售游戏/索尼克 未知邊境.md
    索尼克, 未知邊境 = 索尼克 未知邊境, SEGA, 動作遊戲 = 動作冒險遊戲 = 遊戲 = 冒險遊戲 = 動作冒險,
    星殞群島 = 混沌翡翠 = 群島
音视频/蜻蜓 FM/专辑/【日韩争端 2】
    独岛, 韩国, 日本, 日韩 = 日韩争端 = 日韩关系, 领土 = 主权 = 固有领土, 半导体 = 贸易摩擦
阅读/博客来/新书出版/刀語(01)
    刀語, 西尾維新, 虛刀流, 大河小說 = 小說 = 經典大河小說, 四季崎記紀 = 鍛造師
编程/Dockone/周报/Cilium
    Cilium, Isovalent, eBPF, Kubernetes, 云原生 = 云原生环境, 融资 = 轮融资 = B轮融资
编程/react/react-native/Oauth
    Oauth, Facebook, Google, ReactNative, Passport.js
金融/中证网/资讯/北新路桥
    北新路桥, 北新融建, 重庆 = 梁平 = 重庆梁平高新区 = 重庆梁平 = 梁平区 = 梁平高新区 = 重庆市梁平区,
    集成电路 = 集成电路孵化园, 中标 = 中标通知书
新媒体/ZAKER/精读/怀孕了
    怀孕, 离职 = 自动离职 = 辞退, 女性 = 职场女性 = 女职工 = 孕妇, 仲裁 = 劳动仲裁,
    劳动法 = 劳动合同法 = 劳动合同
博客/LeeMeng/blog/讓 AI
    TensorFlow = TensorFlow 2.0, TensorFlow.js, 金庸, 天龍八部, AI
新媒体/cfan/新闻/九年里程碑
    荣耀X40 = 荣耀, OLED = OLED硬核曲屏, 曲屏 = 硬核曲屏 = 曲面屏 = OLED硬核曲屏, 手机 = X系列手机, 屏幕,
    续航 = 长续航
设计/Monotype/Featured Article/How to keep your brand
    brand = brands = branding = Digital branding, customer journey, Monotype, fonts = font,
    design = Brand design
新媒体/观察者网/头条/王毅会见乌
    王毅, 乌克兰, 库列巴, 外长 = 外交部, 联合国 = 联合国大会 = 联合国宪章, 主权 = 领土完整
"""

# Chosen at random, read and tagged after the rules were final. At first sight: precision .55, recall .57.
TAGGED_AFTER = """
编程/Dockone/周报/在线活动-9月17日
    Service Mesh = ServiceMesh, 微服务 = 微服务架构 = 传统微服务架构, 信也科技, 云原生, 腾讯, 网易
博客/劍心．回憶/分类/【日劇】《夏洛克的孩子們》90秒
    夏洛克的孩子們, 井之原快彥, 西野七瀨, 日劇 = 秋季日劇, 池井戶潤, 銀行 = 銀行員
编程/开源中国/问答主题/【一周】鸿蒙手机开发者Beta版
    鸿蒙 = 鸿蒙 OS = HarmonyOS = 鸿蒙手机, C++20 = C++, Android Things = Android, Rocky Linux = Linux = Rocky,
    开源 = 谷歌
新媒体/香水时代/首页/★★★★★ 帕尔玛之水 蓝色地中海
    帕尔玛之水 = Acqua di Parma = 帕尔玛, 无花果 = 阿玛菲无花果, 香水, 地中海 = 蓝色地中海 = Blu Mediterraneo
游戏/游研社/游研社 - 分类文章/这款做了18年
    骑马与砍杀 = 骑砍, 中世纪 = 中世纪游戏, 游戏, 自由度 = 自我决定论 = 封臣
新媒体/后续/Live/全链条监管
    非洲猪瘟 = 非洲猪瘟防控, 山东 = 山东省 = 山东省政府, 防控 = 疫情 = 监管
金融/淘股吧股票论坛/用户博客/9月21日 市场缩量
    钠离子电池 = 锂电池, 房地产, 北交所, 天然气, 传艺科技, 涨停
设计/Method Studios/菜单/Game of War _Decisions
    Game of War, Kate Upton, Method, Gary Shore = Benjamin Walsh = Stefan Sonnenfeld, VFX = VFX Supervisor = CG
新媒体/观察者网/首页/很多国家的计划
    中国, 五年计划, 人类命运共同体 = 命运共同体, 中国共产党 = 习近平 = 习近平主席,
    国家战略 = 治理体系 = 全球治理 = 治国理政
音视频/蜻蜓 FM/专辑/【日韩争端 3】
    韩国, 日本, 日韩 = 日韩争端, 美国, 独岛, 主权 = 军国主义
游戏/Nintendo/eShop 新发售游戏/太鼓之達人 咚咚雷音祭.md
    太鼓之達人 = 太鼓之達人 咚咚雷音祭 = 太鼓, 咚咚雷音祭 = 雷音祭, Nintendo Switch = Switch = Nintendo,
    遊戲 = 演奏遊戲, BANDAI NAMCO Entertainment = BANDAI NAMCO
音视频/开眼/每日精选/时尚女魔头
    Anna Wintour, Vogue, 时尚 = 时尚界 = 时装周 = 纽约时装周, 康泰纳仕
游戏/游戏时光/游戏时光新闻/Nintendo TOKYO
    斯普拉遁3 = 斯普拉遁, Nintendo TOKYO, 快闪店, 鹿儿岛 = 涉谷
新媒体/SocialBeta/首页/隅田川
    隅田川 = 隅田川咖啡, 王家卫, 肖战, 咖啡, 短片 = 一万杯如初见 = 品牌短片
新媒体/人人都是产品经理/用户收藏/数据治理
    数据治理, 数据流 = 数据仓库 = 数据孤岛, 神策数据 = 曹犟, 大数据, 企业 = 业务流
阅读/左岸读书/主页/长得丑
    哀骀它, 丑, 庄子 = 孔子, 鲁哀公
"""

LIMIT = 5
TIMED_CHARACTERS = 1500
DICTIONARY = 60_101_967  # what the frequencies in jieba's dictionary sum to

Derive = Callable[[str, str, int], Iterable[str]]
Tag = frozenset[str]  # its spellings


class Tagged(NamedTuple):
    title: str
    text: str
    tags: list[Tag]


class Measured(NamedTuple):
    name: str
    before: tuple[float, float]  # precision, recall
    after: tuple[float, float]
    milliseconds: float
    load_seconds: float
    megabytes: float


def normalise(tag: str) -> str:
    return unicodedata.normalize("NFKC", tag).casefold().strip()


# Reading


def read_tagged(corpus: Path, lines: str) -> list[Tagged]:
    """Return the articles of one of the tables above, with their tags."""
    paths = {path.relative_to(corpus).as_posix(): path for path in sorted(corpus.rglob("*.md"))}
    tagged: list[Tagged] = []
    for line in filter(None, lines.splitlines()):
        if line.startswith(" "):
            tags = [tag.split(" = ") for tag in line.strip().rstrip(",").split(", ")]
            tagged[-1].tags.extend(frozenset(map(normalise, spellings)) for spellings in tags)
        else:
            (path,) = (path for name, path in paths.items() if name.startswith(line))
            tagged.append(Tagged(*read_article(path), []))
    return tagged


def read_article(path: Path) -> tuple[str, str]:
    """Return the title and text of a scraped file, without any cleaning."""
    _, head, body = path.read_text("utf-8").split("---", 2)
    title = re.search(r"^title:\s*(['\"]?)(.*)\1\s*$", head, re.M)
    tree = import_module("selectolax.lexbor").LexborHTMLParser(body.replace("&#123;", "{").replace("&#125;", "}"))
    text = re.sub(r"[ \t\xa0\u3000]+", " ", tree.body.text(separator="\n"))
    return title[2] if title else path.stem, re.sub(r"\s*\n\s*", "\n", text).strip()


# Candidates


def chosen() -> Derive:
    derive = import_module("newsarchive.describe.keywords").derive_keywords
    return lambda title, text, limit: derive([(title, text)], limit)[0]


def with_segmenter(tag: Callable[[str], Iterable[tuple[str, str]]]) -> Derive:
    """Return the chosen method with another segmenter: `tag` returns words and parts of speech of a text."""
    module: Any = import_module("newsarchive.describe.word_segmentation")
    rjieba = import_module("rjieba")
    other = SimpleNamespace(tag=lambda text: list(align(text, tag(text))), suggest_freq=rjieba.suggest_freq)
    module._segmenter = lambda: other
    return chosen()


def align(text: str, words: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield `words` and the text between them that the segmenter dropped."""
    end = 0
    for word, part in words:
        start = text.find(word, end)
        if start > end:
            yield text[end:start], "w"
        if start >= 0:
            yield word, part
            end = start + len(word)


def with_frequencies(frequency: Callable[[str], float]) -> Derive:
    """Return the chosen method with the rarity of a word as −log(frequency / total of the dictionary)."""
    module: Any = import_module("newsarchive.describe.word_segmentation")
    other = SimpleNamespace(tag=import_module("rjieba").tag, suggest_freq=frequency)
    module._segmenter = lambda: other
    return chosen()


def without_rarity() -> Derive:
    return with_frequencies(lambda word: 1.0)


def jieba_idf() -> Derive:
    table = resources.files("jieba").joinpath("analyse/idf.txt").read_text("utf-8")
    idf = {word: float(value) for word, value in (line.split(" ") for line in table.splitlines())}
    return with_frequencies(lambda word: DICTIONARY * math.exp(-idf.get(word, 12.0)))


def wordfreq() -> Derive:
    module = import_module("wordfreq")
    frequencies = module.get_frequency_dict("zh", "large")
    return with_frequencies(lambda word: DICTIONARY * float(frequencies.get(word, 0.0)))


def rjieba_without_parts() -> Derive:
    cut = import_module("rjieba").cut
    return with_segmenter(lambda text: ((word, "n") for word in cut(text)))


def jieba_posseg(package: str) -> Derive:
    module = import_module(f"{package}.posseg")
    import_module(package).setLogLevel(60)
    return with_segmenter(lambda text: ((pair.word, pair.flag) for pair in module.lcut(text)))


def cutword() -> Derive:
    cutter = import_module("cutword").Cutter()
    return with_segmenter(lambda text: ((word, "n") for word in cutter.cutword(text)))


def thulac() -> Derive:
    segmenter = import_module("thulac").thulac()
    parts = {"np": "nr", "ni": "nt", "id": "l", "j": "j", "x": "eng"}
    return with_segmenter(lambda text: ((word, parts.get(part, part)) for word, part in segmenter.cut(text)))


def jieba_tf_idf() -> Derive:
    analyse = import_module("jieba.analyse")
    import_module("jieba").setLogLevel(60)
    return lambda title, text, limit: analyse.extract_tags(f"{title}\n{text}", topK=limit)


def jieba_textrank() -> Derive:
    analyse = import_module("jieba.analyse")
    import_module("jieba").setLogLevel(60)
    return lambda title, text, limit: analyse.textrank(f"{title}\n{text}", topK=limit)


CANDIDATES: dict[str, Callable[[], Derive]] = {
    "chosen: rjieba, rarity from its dictionary": chosen,
    "rjieba, every word as rare as any other": without_rarity,
    "rjieba, IDF table of the jieba package": jieba_idf,
    "rjieba, frequencies of wordfreq": wordfreq,
    "rjieba, no parts of speech": rjieba_without_parts,
    "jieba.posseg": partial(jieba_posseg, "jieba"),
    "jieba_fast_dat.posseg": partial(jieba_posseg, "jieba_fast_dat"),
    "cutword, no parts of speech": cutword,
    "thulac": thulac,
    "jieba.analyse.extract_tags (TF-IDF)": jieba_tf_idf,
    "jieba.analyse.textrank": jieba_textrank,
}


# Measuring


def quality(derive: Derive, articles: list[Tagged]) -> tuple[float, float]:
    """Return mean precision and recall of the first keywords. A tag counts once, however many keywords spell it."""
    precision = recall = 0.0
    for title, text, tags in articles:
        keywords = {normalise(keyword) for keyword in derive(title, text, LIMIT)}
        found = sum(1 for tag in tags if tag & keywords)
        precision += min(found / max(len(keywords), 1), 1.0)
        recall += found / len(tags)
    return precision / len(articles), recall / len(articles)


def measure(name: str, corpus: Path) -> Measured | None:
    """Measure one candidate in this process. Returns None if it is not installed."""
    before, after = read_tagged(corpus, TAGGED_BEFORE), read_tagged(corpus, TAGGED_AFTER)
    import_module("newsarchive.describe.keywords")
    memory, start = peak_megabytes(), time.perf_counter()
    try:
        derive = CANDIDATES[name]()
    except ImportError:
        return None
    derive("预热", "繁體字", LIMIT)
    load, megabytes = time.perf_counter() - start, peak_megabytes() - memory
    texts = [(title, text[:TIMED_CHARACTERS]) for title, text, _ in before if len(text) >= TIMED_CHARACTERS]
    seconds = min(time_once(derive, texts) for _ in range(3))
    return Measured(name, quality(derive, before), quality(derive, after), 1000 * seconds, load, megabytes)


def time_once(derive: Derive, texts: list[tuple[str, str]]) -> float:
    """Return CPU seconds for each text."""
    start = time.process_time()
    for title, text in texts:
        list(derive(title, text, LIMIT))
    return (time.process_time() - start) / len(texts)


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def print_candidates(corpus: Path) -> None:
    print(f"{'':44}{'P':>5}{'R':>5}{'P after':>9}{'R after':>8}{'time':>8}{'load s':>8}{'MB':>6}")
    chosen_milliseconds = 0.0
    for name in CANDIDATES:
        with ProcessPoolExecutor(1, get_context("spawn")) as executor:
            row = executor.submit(measure, name, corpus).result()
        if row is None:
            print(f"{name:44} skipped: not installed")
            continue
        chosen_milliseconds = chosen_milliseconds or row.milliseconds
        print(
            f"{name:44}{row.before[0]:5.2f}{row.before[1]:5.2f}{row.after[0]:9.2f}{row.after[1]:8.2f}"
            f"{row.milliseconds / chosen_milliseconds:7.1f}×{row.load_seconds:8.2f}{row.megabytes:6.0f}"
        )
    print(f"1× = {chosen_milliseconds:.2f} ms for a text of {TIMED_CHARACTERS:,} characters, on this machine")


CONSTANTS: dict[str, tuple[float, ...]] = {
    "_MAX_BODY": (200, 400, 600, 800, 1000, 1500),
    "_TITLE_BOOST": (1, 1.5, 2, 2.5, 3, 4),
    "_TF_EXPONENT": (0.5, 0.75, 0.9, 1),
    "_MIN_SCORE_RATIO": (0, 0.1, 0.15, 0.2, 0.25, 0.3),
    "_NESTED_SHARE": (0.4, 0.5, 0.6, 0.7, 0.8, 9),
    "_MAX_CANDIDATES": (10, 15, 20, 30, 50),
    "_MAX_TERM_WORDS": (1, 2, 3, 4),
    "_MAX_TERM_CHARACTERS": (4, 6, 8, 10),
    "_WORK_TITLE_BOOST": (0.5, 1, 2, 3),
    "_LOWERCASE_FACTOR": (0.25, 0.5, 0.75, 1),
    "_MIN_DICTIONARY_COUNT": (1, 10, 30, 100, 300),
}


def print_constants(corpus: Path) -> None:
    """Print precision and recall over all tagged articles for other values of each constant."""
    keywords, words = (import_module(f"newsarchive.describe.{name}") for name in ("keywords", "word_segmentation"))
    articles = read_tagged(corpus, TAGGED_BEFORE + TAGGED_AFTER)
    for name, values in CONSTANTS.items():
        module: Any = keywords if hasattr(keywords, name) else words
        kept = getattr(module, name)
        for value in values:
            setattr(module, name, value)
            words._word_features.cache_clear()
            precision, recall = quality(chosen(), articles)
            print(f"{name:22}{value:>9g}{precision:6.3f}{recall:6.3f}{'  (now)' if value == kept else ''}")
        setattr(module, name, kept)
    words._word_features.cache_clear()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared" / "corpus" / "dev")
    parser.add_argument("--constants", action="store_true", help="vary the method's constants instead")
    arguments = parser.parse_args()
    if not arguments.corpus.is_dir():
        print("skipped: no ../shared")
    elif arguments.constants:
        print_constants(arguments.corpus)
    else:
        print_candidates(arguments.corpus)


if __name__ == "__main__":
    main()
