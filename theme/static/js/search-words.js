// The texts of the search in each language; `{name}` is replaced by a value.
(function (newsarchive) {
  'use strict';

  const WORDS = {
    zh: {
      loading: '正在载入搜索索引…',
      searching: '正在搜索…',
      empty: '输入要找的词。',
      help: '“引号”里的词按原文查找；-词 表示不含；词* 表示以此开头；还可以用 标题: 来源: 栏目: 标签: 日期:2021-03..2021-05。',
      found: '找到 {total} 篇文章。',
      shown: '第 {first}–{last} 篇。',
      nothing: '没有找到“{query}”。',
      fewer: '可以少写几个词，或去掉引号和筛选。',
      withoutQuotes: '不用引号再找一次',
      withoutFilters: '去掉筛选',
      any: '没有文章同时含有全部词语，以下文章含有其中一部分。',
      prefix: '没有文章含有整个词，以下文章含有以此开头的词。',
      incomplete: '有一部分索引没有载入，结果不完整。请检查网络后重新载入本页。',
      failed: '搜索索引没有载入，暂时无法搜索。请检查网络后重新载入本页；也可以按日期或栏目浏览。',
      notHeld: '本页有 {count} 篇文章不含这句原文，没有列出。',
      byRelevance: '按相关程度',
      byDate: '按日期',
      section: '栏目',
      source: '来源',
      year: '年份',
      all: '全部',
      earlier: '上一页',
      later: '下一页',
      undated: '未注明日期',
      notLoaded: '这一条没有载入。',
      allHits: '查看全部结果',
      titles: '{count} 个标题。按向下键选择。',
      noTitles: '没有标题含有这些词。按回车键查找全文。',
    },
    'zh-TW': {
      loading: '正在載入搜尋索引…',
      searching: '正在搜尋…',
      empty: '輸入要找的詞。',
      help: '「引號」裡的詞按原文查詢；-詞 表示不含；詞* 表示以此開頭；還可以用 標題: 來源: 欄目: 標籤: 日期:2021-03..2021-05。',
      found: '找到 {total} 篇文章。',
      shown: '第 {first}–{last} 篇。',
      nothing: '沒有找到「{query}」。',
      fewer: '可以少寫幾個詞，或去掉引號和篩選。',
      withoutQuotes: '不用引號再找一次',
      withoutFilters: '去掉篩選',
      any: '沒有文章同時含有全部詞語，以下文章含有其中一部分。',
      prefix: '沒有文章含有整個詞，以下文章含有以此開頭的詞。',
      incomplete: '有一部分索引沒有載入，結果不完整。請檢查網路後重新載入本頁。',
      failed: '搜尋索引沒有載入，暫時無法搜尋。請檢查網路後重新載入本頁；也可以按日期或欄目瀏覽。',
      notHeld: '本頁有 {count} 篇文章不含這句原文，沒有列出。',
      byRelevance: '按相關程度',
      byDate: '按日期',
      section: '欄目',
      source: '來源',
      year: '年份',
      all: '全部',
      earlier: '上一頁',
      later: '下一頁',
      undated: '未註明日期',
      notLoaded: '這一條沒有載入。',
      allHits: '檢視全部結果',
      titles: '{count} 個標題。按向下鍵選擇。',
      noTitles: '沒有標題含有這些詞。按回車鍵查詢全文。',
    },
    en: {
      loading: 'Loading the search index…',
      searching: 'Searching…',
      empty: 'Type what to look for.',
      help: '"Quoted words" as they stand; -word without it; word* words that begin so; also title: source: section: tag: date:2021-03..2021-05.',
      found: '{total} articles found.',
      shown: 'Numbers {first}–{last}.',
      nothing: 'Nothing found for “{query}”.',
      fewer: 'Try fewer words, no quotation marks, or no filters.',
      withoutQuotes: 'Search without quotation marks',
      withoutFilters: 'Remove the filters',
      any: 'No article has all the words; these have some of them.',
      prefix: 'No article has the whole word; these have words that begin so.',
      incomplete: 'A part of the index could not be loaded, so results are incomplete. Check the network and load the page again.',
      failed: 'The search index could not be loaded. Check the network and load the page again, or browse by date or section.',
      notHeld: '{count} articles of this page do not hold the phrase and are not listed.',
      byRelevance: 'By relevance',
      byDate: 'By date',
      section: 'Sections',
      source: 'Sources',
      year: 'Years',
      all: 'All',
      earlier: 'Previous page',
      later: 'Next page',
      undated: 'Undated',
      notLoaded: 'This one could not be loaded.',
      allHits: 'All results',
      titles: '{count} titles. Press the down key to choose.',
      noTitles: 'No title has these words. Press Enter to search the texts.',
    },
  };

  function languageOf(tag) {
    if (!tag.startsWith('zh')) return 'en';
    return /TW|HK|MO|Hant/.test(tag) ? 'zh-TW' : 'zh';
  }

  newsarchive.say = function (name, values = {}) {
    return WORDS[languageOf(document.documentElement.lang)][name].replace(/\{(\w+)\}/g, (_, value) => String(values[value]));
  };

  newsarchive.languages = WORDS;
})((globalThis.newsarchive = globalThis.newsarchive || {}));
