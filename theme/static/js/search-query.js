// Parses a query. Any text is a query and nothing throws: what is no operator is a word to search for.
// plugins/newsarchive/index/query.py parses the same language; both are tested with tests/vectors/queries.json.
(function (newsarchive) {
  'use strict';

  const SPACE = '\\t-\\r \\u00a0\\u2000-\\u200a\\u2028\\u2029\\u3000';
  const [OPENING, CLOSING] = ['"“”＂「『', '"“”＂」』'];

  // [minus] [name:] "phrase" or word
  const PIECE = new RegExp(
    `([-－−])?(?:([A-Za-z]+|[\\u4e00-\\u9fff]+)[:：])?` +
      `(?:[${OPENING}]([^${CLOSING}]*)[${CLOSING}]?|([^${SPACE}${OPENING}]+))`,
    'y');

  const NAMES = {
    title: 'title', 标题: 'title', 標題: 'title',
    section: 'section', 栏目: 'section', 欄目: 'section',
    source: 'source', 来源: 'source', 來源: 'source',
    tag: 'tag', 标签: 'tag', 標籤: 'tag',
    date: 'date', 日期: 'date',
  };

  // {pieces: [{text, field, phrase, not, prefix}], filters: [{kind, value, not} or {kind: 'date', from, to, not}]}.
  // field is '' for all fields, else title or tag. Days are counted from 0001-01-01, which is day 1.
  newsarchive.parseQuery = function (typed) {
    const [pieces, filters] = [[], []];
    let at = 0;
    while (at < typed.length) {
      PIECE.lastIndex = at;
      const match = PIECE.exec(typed);
      if (!match) {
        at += 1;
        continue;
      }
      at = PIECE.lastIndex;
      addPiece(match, pieces, filters);
    }
    return {pieces, filters};
  };

  function addPiece([whole, minus, name, phrase, word], pieces, filters) {
    const not = minus !== undefined;
    const field = Object.hasOwn(NAMES, (name || '').toLowerCase()) ? NAMES[name.toLowerCase()] : '';
    const value = phrase === undefined ? word : phrase;
    if (field === 'source' || field === 'section') {
      filters.push({kind: field, value, not});
      return;
    }
    const days = field === 'date' && newsarchive.parseDays(value);
    if (days) {
      filters.push({kind: 'date', from: days[0], to: days[1], not});
      return;
    }
    const isRule = !name || field === 'title' || field === 'tag';
    const text = isRule ? value : whole.slice(not ? 1 : 0);
    const prefix = phrase === undefined && /[*＊]$/.test(text);
    pieces.push({text, field: isRule ? field : '', phrase: phrase !== undefined, not, prefix});
  }

  // 2021, 2021-03, 2021-03-05, or two of them with .. between, one of which may be missing → [first day, last day].
  newsarchive.parseDays = function (text) {
    const parts = text.split('..');
    if (parts.length > 2 || !(parts[0] || parts[1])) return null;
    const first = parts[0] ? daysOf(parts[0]) : [1, 0];
    const last = parts.length === 1 ? first : parts[1] ? daysOf(parts[1]) : [0, 3652059];
    return first && last ? [first[0], last[1]] : null;
  };

  function daysOf(text) {
    const match = /^([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?)?$/.exec(text);
    if (!match) return null;
    const [year, month, day] = match.slice(1).map((digits) => (digits === undefined ? 0 : Number(digits)));
    if (year < 1 || month > 12 || (match[2] && !month) || (match[3] && !day)) return null;
    if (day > daysInMonth(year, month || 1)) return null;
    const last = month || 12;
    return [ordinal(year, month || 1, day || 1), ordinal(year, last, day || daysInMonth(year, last))];
  }

  const daysInMonth = (year, month) => ordinal(year, month + 1, 1) - ordinal(year, month, 1);

  function ordinal(year, month, day) {
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day); // Date.UTC takes the years 0–99 for 1900–1999
    return Math.round(date.getTime() / 86400000) + 719163;
  }

  // The way back, for results and for the years to filter by: 738000 → "2021-07-27".
  newsarchive.dayText = function (day) {
    return new Date((day - 719163) * 86400000).toISOString().slice(0, 10);
  };
})((globalThis.newsarchive = globalThis.newsarchive || {}));
