// Finds the terms of a query in a text, and the best snippet to show.
(function (newsarchive) {
  'use strict';

  const [BEFORE, LENGTH] = [30, 110]; // characters of a snippet before the first mark, and in all

  // [[start, end], …] in a text, ascending and apart, of what the query's pieces ask for.
  newsarchive.findMarks = function (text, pieces) {
    const wanted = pieces.flatMap((piece) => newsarchive.findRuns(piece).filter(({chars}) => newsarchive.fold(chars.join(''))));
    const ranges = runsOf(text).flatMap((run) => wanted.flatMap(({chars}) => marksIn(run, chars.join(''))));
    ranges.sort((one, other) => one[0] - other[0]);
    const apart = [];
    for (const [start, end] of ranges) {
      const last = apart[apart.length - 1];
      if (last && start <= last[1]) last[1] = Math.max(last[1], end);
      else apart.push([start, end]);
    }
    return apart;
  };

  // Normalising is slow, and a page of results has the same few hundred characters again and again.
  const known = new Map();

  function runsOfChar(char) {
    if (!known.has(char)) known.set(char, newsarchive.findRuns(char).map((run) => ({...run, isPair: newsarchive.isPair(run.chars[0])})));
    return known.get(char);
  }

  // The runs of a text: {folded, places}, where places[i] is the position of the i-th folded character.
  function runsOf(text) {
    const runs = [];
    let [at, kind] = [0, -1];
    for (const char of text) {
      for (const run of runsOfChar(char)) {
        if (run.kind !== kind) runs.push({isPair: run.isPair, folded: '', places: []});
        const last = runs[runs.length - 1];
        for (const folded of run.chars) {
          last.folded += folded;
          for (let unit = 0; unit < folded.length; unit += 1) last.places.push([at, at + char.length]);
        }
        kind = run.kind;
      }
      at += char.length;
    }
    return runs;
  }

  function marksIn({isPair, folded, places}, wanted) {
    if (isPair !== newsarchive.isPair(wanted)) return [];
    if (!isPair) return isSameWord(folded, wanted) ? [[places[0][0], places[places.length - 1][1]]] : [];
    const found = [];
    for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + 1)) {
      found.push([places[at][0], places[at + wanted.length - 1][1]]);
    }
    return found;
  }

  const isSameWord = (word, wanted) =>
    newsarchive.stem(word) === newsarchive.stem(wanted) || (wanted.length > 2 && word.startsWith(wanted));

  // Pairs of the runs that are nowhere in one piece: what to mark if a text has 中国 and 经济 apart.
  newsarchive.piecesToMark = function (texts, pieces) {
    return pieces.flatMap((piece) => {
      if (texts.some((text) => newsarchive.findMarks(text, [piece]).length)) return [piece];
      return newsarchive.queryTerms(piece, false).map(({term}) => term);
    });
  };

  // The piece of a text around its first mark: {text, marks}.
  newsarchive.cutSnippet = function (text, pieces) {
    const flat = text.replace(/\s+/g, ' ').trim();
    const marks = newsarchive.findMarks(flat, pieces);
    const start = marks.length ? Math.max(0, marks[0][0] - BEFORE) : 0;
    const head = start ? '…' : '';
    const end = Math.min(flat.length, start + LENGTH);
    const shift = head.length - start;
    const within = marks.filter((mark) => mark[1] <= end).map(([from, to]) => [from + shift, to + shift]);
    return {text: head + flat.slice(start, end) + (end < flat.length ? '…' : ''), marks: within};
  };

  // Puts a text into an element, its marks as <mark>. Scraped text becomes text, whatever it looks like.
  newsarchive.showMarked = function (element, text, marks) {
    let at = 0;
    for (const [start, end] of marks) {
      element.append(text.slice(at, start));
      const mark = document.createElement('mark');
      mark.textContent = text.slice(start, end);
      element.append(mark);
      at = end;
    }
    element.append(text.slice(at));
    return element;
  };

  // Returns true if a text contains a folded phrase in one piece: not 艺术 in two sentences, not "art" in "smart".
  newsarchive.holdsPhrase = function (text, phrase) {
    const edge = (char) => (newsarchive.isPair(char) ? '' : ' ');
    const chars = Array.from(phrase);
    return ` ${newsarchive.fold(text)} `.includes(edge(chars[0]) + phrase + edge(chars[chars.length - 1]));
  };
})((globalThis.newsarchive = globalThis.newsarchive || {}));
