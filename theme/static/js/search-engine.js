// Answers a query: text → clauses → postings → lunr → hits, counted by section, source and year.
// plugins/newsarchive/search/engine.py does the same in the terminal; tests compare their answers.
(function (newsarchive) {
  'use strict';

  newsarchive.createEngine = function (store) {
    let archive = null;
    let incomplete = false; // a file could not be loaded while the present search was under way

    async function open() {
      archive = archive || openArchive(await store.manifest(), store);
      archive.catch(() => (archive = null));
      return archive;
    }

    // Answers {status: 'empty' | 'found' | 'nothing', total, hits: [{document, score}], facets, notes, marks, phrases,
    // incomplete}. options: {open: the last word is being typed, titles: look there alone, filters: {section, source,
    // year}, sort: 'date' or by relevance}.
    async function search(typed, options = {}) {
      try {
        return await searchOnce(typed, options);
      } catch (error) {
        if (!(error instanceof newsarchive.StaleIndex)) throw error;
        archive = openArchive(await store.forget(), store);
        return searchOnce(typed, options);
      }
    }

    async function searchOnce(typed, options) {
      incomplete = false;
      const known = await open();
      const query = newsarchive.parseQuery(typed);
      if (options.titles) query.pieces.forEach((piece) => (piece.field = piece.field || 'title'));
      const wanted = query.pieces.filter((piece) => !piece.not);
      const {results, notes} = await find(known, query, wanted, Boolean(options.open));
      const matching = results && (await exclude(known, query, results));
      return {
        ...gather(known, matching, options),
        notes,
        marks: wanted.filter((piece) => piece.field !== 'tag').map((piece) => piece.text),
        phrases: phrasesOf(wanted),
        incomplete,
      };
    }

    // Phrases that a hit must contain as typed, and whether in its title: [{phrase, isTitle}]. A tag is whole anyway.
    function phrasesOf(pieces) {
      const phrases = pieces.filter(({phrase, field}) => phrase && field !== 'tag');
      const folded = phrases.map(({text, field}) => ({phrase: newsarchive.fold(text), isTitle: field === 'title'}));
      return folded.filter(({phrase}) => phrase);
    }

    // The hits of what is wanted: documents that have all of it; else with the last word as a beginning; else any of it.
    async function find(known, query, wanted, isOpen) {
      const clauses = await resolve(known, clausesOf(known, wanted, isOpen));
      if (!clauses.length) {
        const asks = query.filters.length || query.pieces.some((piece) => piece.not && newsarchive.fold(piece.text));
        return {results: asks ? everything(known) : null, notes: []};
      }
      const all = run(known, clauses);
      if (all.length || isOpen) return {results: all, notes: []};
      const opened = await resolve(known, clausesOf(known, wanted, true));
      const begun = run(known, opened);
      if (begun.length) return {results: begun, notes: ['prefix']};
      const any = run(known, clauses.map((clause) => ({...clause, presence: lunr.Query.presence.OPTIONAL})));
      return {results: any, notes: any.length ? ['any'] : []};
    }

    function clausesOf(known, pieces, isOpen) {
      const clauses = new Map();
      pieces.forEach((piece, at) => {
        const fields = piece.field === 'title' ? ['title'] : piece.field === 'tag' ? ['facts'] : known.fields;
        const isLast = at === pieces.length - 1 && !piece.phrase;
        for (const {term, prefix} of termsOf(piece, piece.prefix || (isOpen && isLast))) {
          const key = (prefix ? '?' : '') + term;
          clauses.set(`${key} ${fields}`, {key, term, prefix, fields, presence: lunr.Query.presence.REQUIRED});
        }
      });
      return [...clauses.values()];
    }

    function termsOf(piece, isOpen) {
      if (piece.field !== 'tag') return newsarchive.queryTerms(piece.text, isOpen);
      const term = newsarchive.tagTerm(piece.text);
      return term === '#' ? [] : [{term, prefix: false}];
    }

    // Clauses with their terms: [{term, expansions, postings, fields, presence}].
    const resolve = (known, clauses) => Promise.all(clauses.map((clause) => expand(known, clause)));

    async function expand(known, {key, term, prefix, fields, presence, boost}) {
      const found = prefix ? await postingsWithPrefix(known, term) : await postingsOf(known, term);
      const isSum = prefix && found.size && (newsarchive.isPair(term) || found.size > known.maxExpansions);
      const postings = isSum ? new Map([[key, newsarchive.sumPostings([...found.values()], known.fields.length)]]) : found;
      return {term: key, expansions: [...postings.keys()].sort(), postings, fields, presence, boost};
    }

    const postingsOf = (known, term) => collect(known, (segment) => [newsarchive.shardOf(segment.firsts, term)],
      (candidate) => candidate === term);

    function postingsWithPrefix(known, prefix) {
      const stem = newsarchive.stem(prefix);
      const begins = (term) => term.startsWith(prefix);
      const shards = (segment) => {
        const numbers = new Set([newsarchive.shardOf(segment.firsts, prefix), newsarchive.shardOf(segment.firsts, stem)]);
        segment.firsts.forEach((first, number) => begins(first) && numbers.add(number));
        return [...numbers];
      };
      return collect(known, shards, (term) => begins(term) || term === stem);
    }

    // The postings of all terms that are wanted in the given shards of every segment: Map of term → posting.
    async function collect(known, shards, isWanted) {
      const parts = new Map();
      const loads = known.segments.flatMap((segment) => shards(segment).map((number) => loadShard(segment, number)));
      for (const {segment, terms} of await Promise.all(loads)) {
        for (const [term, posting] of terms) {
          if (!isWanted(term)) continue;
          if (!parts.has(term)) parts.set(term, []);
          parts.get(term).push({posting, base: segment.base});
        }
      }
      const fieldCount = known.fields.length;
      return new Map([...parts].map(([term, found]) => [term, newsarchive.joinPostings(found, fieldCount)]));
    }

    async function loadShard(segment, number) {
      if (number < 0) return {segment, terms: new Map()};
      try {
        const [packed, text] = await store.part(segment, 'terms', number);
        if (!segment.shards.has(number)) segment.shards.set(number, newsarchive.readShard(packed, text, segment.fieldCount));
        return {segment, terms: segment.shards.get(number)};
      } catch (error) {
        if (error instanceof newsarchive.StaleIndex) throw error;
        incomplete = true;
        return {segment, terms: new Map()};
      }
    }

    function run(known, clauses) {
      const isRequired = (clause) => clause.presence === lunr.Query.presence.REQUIRED;
      if (clauses.some((clause) => isRequired(clause) && !clause.expansions.length)) return [];
      const present = clauses.filter((clause) => clause.expansions.length);
      const postings = new Map(present.flatMap((clause) => [...clause.postings]));
      return newsarchive.answer(known, present, postings).map(({ref, score}) => ({document: Number(ref), score}));
    }

    // Without what the query excludes: pieces with a minus, and filters. A piece of several terms excludes what has all.
    async function exclude(known, query, results) {
      let kept = results;
      for (const piece of query.pieces.filter((candidate) => candidate.not)) {
        const clauses = await resolve(known, clausesOf(known, [piece], false));
        if (!clauses.length) continue;
        const unwanted = new Set(run(known, clauses).map(({document}) => document));
        kept = kept.filter(({document}) => !unwanted.has(document));
      }
      return kept.filter(({document}) => query.filters.every((filter) => passes(known, filter, document)));
    }

    function passes(known, filter, document) {
      if (filter.kind === 'date') {
        const day = known.days[document];
        return (day >= filter.from && day <= filter.to) !== filter.not;
      }
      const name = known.places[known.place[document]][filter.kind === 'section' ? 0 : 1];
      return newsarchive.fold(name).includes(newsarchive.fold(filter.value)) !== filter.not;
    }

    const everything = (known) => Array.from({length: known.documents}, (_, document) => ({document, score: 0}));

    // Filters of the page, counts and order.
    function gather(known, results, options) {
      if (results === null) return {status: 'empty', total: 0, hits: [], facets: {section: [], source: [], year: []}};
      const valuesOf = newsarchive.facetsOf(known);
      const filters = Object.entries(options.filters || {}).filter(([, value]) => value);
      const passing = (except) => {
        const others = filters.filter(([name]) => name !== except);
        if (!others.length) return results;
        return results.filter(({document}) => others.every(([name, value]) => valuesOf[name](document) === value));
      };
      const hits = [...passing('')];
      const newestFirst = (one, other) => other.document - one.document;
      const byScore = (one, other) => other.score - one.score || newestFirst(one, other);
      hits.sort(options.sort === 'date' ? newestFirst : byScore);
      const facets = {};
      for (const name of Object.keys(valuesOf)) facets[name] = newsarchive.count(passing(name), valuesOf[name], name);
      return {status: hits.length ? 'found' : 'nothing', total: hits.length, hits, facets};
    }

    // What the pages of results show: {title, url, date, summary, lead, section, source} for each document.
    async function describe(documents) {
      const known = await open();
      return Promise.all(documents.map(async (document) => {
        const segment = known.segments.findLast(({base}) => base <= document);
        const own = document - segment.base;
        const [section, source] = known.places[known.place[document]];
        try {
          const [chunk] = await store.part(segment, 'documents', Math.floor(own / known.chunk));
          const [title, url, date, summary, lead] = chunk[own % known.chunk];
          return {document, title, url: `${url}.html`, date, summary, lead, section, source};
        } catch (error) {
          return {document, failed: true, section, source};
        }
      }));
    }

    return {open, search, describe, resolve, run};
  };

  // The manifest and every segment's columns as one archive: lengths, places and days of all documents.
  async function openArchive(manifest, store) {
    const {fields, levels, boosts, k1, b, chunk} = manifest;
    const known = {
      fields, boosts, k1, b, chunk, maxExpansions: manifest.max_expansions, documents: 0, segments: [],
      lengths: fields.map(() => []), places: [], place: [], days: [],
    };
    const columns = await Promise.all(manifest.segments.map((segment) => store.part(segment, 'columns', 0)));
    manifest.segments.forEach((segment, at) => addSegment(known, segment, columns[at][0], levels));
    known.averages = fields.map((_, field) =>
      manifest.segments.reduce((sum, {lengths}) => sum + lengths[field], 0) / known.documents);
    return known;
  }

  function addSegment(known, segment, columns, levels) {
    const firsts = newsarchive.unpackTerms(segment.shards);
    const {name, id} = segment;
    known.segments.push({name, id, base: known.documents, firsts, shards: new Map(), fieldCount: known.fields.length});
    known.lengths = known.lengths.map((lengths, field) => lengths.concat(newsarchive.decodeLevels(columns.lengths[field], levels)));
    const place = newsarchive.decodeNumbers(columns.place).map((number) => number + known.places.length);
    known.place = known.place.concat(place);
    known.places = known.places.concat(columns.places);
    let day = 0;
    known.days = known.days.concat(newsarchive.decodeNumbers(columns.days).map((gap) => (day += gap)));
    known.documents += segment.documents;
  }

  // The shard that holds a term, if any does: the last one that begins at or before it; -1 before all.
  newsarchive.shardOf = function (firsts, term) {
    let [low, high] = [0, firsts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (firsts[middle] <= term) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };

  // What results are filtered and counted by.
  newsarchive.facetsOf = function (known) {
    known.years = known.years || new Map([[0, '']]); // of each day that was asked for: making dates is slow
    return {
      section: (document) => known.places[known.place[document]][0],
      source: (document) => known.places[known.place[document]][1],
      year: (document) => {
        const day = known.days[document];
        if (!known.years.has(day)) known.years.set(day, newsarchive.dayText(day).slice(0, 4));
        return known.years.get(day);
      },
    };
  };

  // [value, number of documents], the most frequent first; years from the newest.
  newsarchive.count = function (results, valueOf, name) {
    const counts = new Map();
    for (const {document} of results) counts.set(valueOf(document), (counts.get(valueOf(document)) || 0) + 1);
    counts.delete('');
    const byName = (one, other) => (one[0] < other[0] ? 1 : -1);
    return [...counts].sort(name === 'year' ? byName : (one, other) => other[1] - one[1] || byName(other, one));
  };
})((globalThis.newsarchive = globalThis.newsarchive || {}));
