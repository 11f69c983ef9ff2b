// What the search says, in the languages it speaks; `{name}` stands for a value.
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

  newsarchive.say = function (name, values = {}) {
    const language = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';
    return WORDS[language][name].replace(/\{(\w+)\}/g, (_, value) => String(values[value]));
  };

  newsarchive.languages = WORDS;
})((globalThis.newsarchive = globalThis.newsarchive || {}));
