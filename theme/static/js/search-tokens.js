// Cuts a text into tokens, as plugins/newsarchive/index/tokens.py does. Both read one table of characters and are tested
// with one table of examples (tests/vectors/tokens.json).
(function (newsarchive) {
  'use strict';

  const [OTHER, WORD, PAIRED] = [0, 1, 2];

  // The build writes the table as search/characters.js: ranges of code points as [first, last, first, last, …], and
  // traditional characters with the simplified ones they fold to; each number as what it adds to the one before it; and
  // the most characters of a word.
  let ranges = {word: [], paired: []};
  let folds = new Map();
  let maxWordLength = 0;

  newsarchive.readCharacters = function (table) {
    ranges = {word: addUp(table.word), paired: addUp(table.paired)};
    const simplified = Array.from(table.simplified);
    maxWordLength = table.max_word_length;
    folds = new Map(addUp(table.traditional).map((code, at) => [String.fromCodePoint(code), simplified[at]]));
  };

  function addUp(gaps) {
    let sum = 0;
    return gaps.map((gap) => (sum += gap));
  }

  function isIn(bounds, code) {
    let [low, high] = [0, bounds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bounds[middle] <= code) low = middle + 1;
      else high = middle;
    }
    // After an odd number of bounds we are inside a range; its last code point is still in it.
    return low % 2 === 1 || (low > 0 && bounds[low - 1] === code);
  }

  function kindOf(char) {
    const code = char.codePointAt(0);
    if (isIn(ranges.paired, code)) return PAIRED;
    return isIn(ranges.word, code) ? WORD : OTHER;
  }

  // Runs of one class: [{kind, chars}], chars as a list, because characters beyond U+FFFF are two units in a string.
  newsarchive.findRuns = function (text) {
    const runs = [];
    for (const found of text.normalize('NFKC').toLowerCase()) {
      const char = folds.get(found) || found;
      const kind = kindOf(char);
      const last = runs[runs.length - 1];
      if (last && last.kind === kind) last.chars.push(char);
      else runs.push({kind, chars: [char]});
    }
    return runs;
  };

  newsarchive.stem = function (word) {
    return /^[a-z]+$/.test(word) ? lunr.stemmer(new lunr.Token(word, {})).toString() : word;
  };

  const beginning = (chars) => chars.slice(0, maxWordLength).join('');

  // 中国人 → 中国, 国人, 人
  const pairsOf = (chars) => chars.map((char, at) => char + (chars[at + 1] || ''));

  newsarchive.tokenise = function (text) {
    return newsarchive.findRuns(text).flatMap(({kind, chars}) => {
      if (kind === WORD) return [newsarchive.stem(beginning(chars))];
      return kind === PAIRED ? pairsOf(chars) : [];
    });
  };

  newsarchive.isPair = (term) => kindOf(term) === PAIRED;

  // What a phrase is compared by: the runs, a space between them.
  newsarchive.fold = function (text) {
    const runs = newsarchive.findRuns(text).filter((run) => run.kind !== OTHER);
    return runs.map((run) => run.chars.join('')).join(' ');
  };

  newsarchive.tagTerm = function (tag) {
    return '#' + beginning(Array.from(newsarchive.fold(tag).replace(/ /g, '')));
  };

  // The terms of a query: [{term, prefix}]. A run's last character is in the index only where a run ends, so a
  // longer run asks for its pairs alone; a single character is the sum of all terms that begin with it. With `open`,
  // the last word is the beginning of one, if it has two letters: one would be a tenth of the dictionary.
  newsarchive.queryTerms = function (text, open) {
    const runs = newsarchive.findRuns(text).filter((run) => run.kind !== OTHER);
    return runs.flatMap(({kind, chars}, at) => {
      if (kind === PAIRED && chars.length === 1) return [{term: chars[0], prefix: true}];
      if (kind === PAIRED) return pairsOf(chars).slice(0, -1).map((term) => ({term, prefix: false}));
      const isOpen = Boolean(open) && at === runs.length - 1 && chars.length > 1;
      return [{term: isOpen ? beginning(chars) : newsarchive.stem(beginning(chars)), prefix: isOpen}];
    });
  };
})((globalThis.newsarchive = globalThis.newsarchive || {}));
