// Builds a lunr index of a query's terms from shards. lunr's score of a document depends only on the weights of these
// terms, so the index gives the same documents, order and scores as an index of the whole archive.
(function (newsarchive) {
  'use strict';

  // Numbers as text (index/numbers.py): of the alphabet's characters 68 end a number, 16 go before, 8 are marks.
  const [ENDS, BEFORE, QUOTE, BACKSLASH] = [68, 16, 0x22, 0x5c];
  const MARKS = ENDS + BEFORE;
  const VALUES = new Uint8Array(128);
  for (let code = 0x21, value = 0; code < 0x7f; code += 1) {
    if (code !== QUOTE && code !== BACKSLASH) VALUES[code] = value++;
  }

  // Reads a text's numbers and marks, one after the other.
  function numberReader(text) {
    let at = 0;
    return {
      isDone: () => at >= text.length,
      // The number of the mark that comes next, or -1 when a number does.
      mark() {
        const value = VALUES[text.charCodeAt(at)];
        if (value < MARKS) return -1;
        at += 1;
        return value - MARKS;
      },
      number() {
        let [value, base, span] = [0, 0, ENDS];
        let digit = VALUES[text.charCodeAt(at++)];
        while (digit >= ENDS) {
          value = value * BEFORE + digit - ENDS;
          base += span;
          span *= BEFORE;
          digit = VALUES[text.charCodeAt(at++)];
        }
        return value * ENDS + digit + base;
      },
    };
  }

  newsarchive.decodeNumbers = function (text) {
    const [reader, numbers] = [numberReader(text), []];
    while (!reader.isDone()) numbers.push(reader.number());
    return numbers;
  };

  newsarchive.decodeLevels = (text, levels) => Array.from(text, (char) => levels[VALUES[char.charCodeAt(0)]]);

  // `:经.济历` is 经, 经济, 经历; everything else is a word (index/merging.py).
  newsarchive.unpackTerms = function (packed) {
    return packed.split(' ').flatMap((piece) => {
      if (piece[0] !== ':') return piece ? [piece] : [];
      const [first, ...seconds] = Array.from(piece.slice(1));
      return seconds.map((second) => (second === '.' ? first : first + second));
    });
  };

  // A shard → Map of term → its posting: for each field {documents, counts} (index/postings.py).
  newsarchive.readShard = function (packed, text, fieldCount) {
    const reader = numberReader(text);
    const readField = (size) => {
      const [documents, counts] = [[], []];
      for (let document = -1; documents.length < size; ) {
        const mark = reader.mark();
        counts.push(mark < 0 ? 1 : mark < 7 ? mark + 2 : reader.number() + 9);
        document += reader.number() + 1;
        documents.push(document);
      }
      return {documents, counts};
    };
    const readTerm = () => {
      const head = reader.number();
      const fields = head % (1 << fieldCount);
      let size = Math.floor(head / (1 << fieldCount)) + 1;
      const posting = [];
      for (let field = 0; field < fieldCount; field += 1) {
        if (!((fields >> field) & 1)) {
          posting.push({documents: [], counts: []});
          continue;
        }
        posting.push(readField(size === null ? reader.number() + 1 : size));
        size = null;
      }
      return posting;
    };
    return new Map(newsarchive.unpackTerms(packed).map((term) => [term, readTerm()]));
  };

  // Postings of one term in several segments, [{posting, base}], as one: documents numbered through the archive.
  newsarchive.joinPostings = function (parts, fieldCount) {
    if (parts.length === 1 && parts[0].base === 0) return parts[0].posting;
    const joined = [];
    for (let field = 0; field < fieldCount; field += 1) {
      const [documents, counts] = [[], []];
      for (const {posting, base} of parts) {
        for (const document of posting[field].documents) documents.push(document + base);
        for (const count of posting[field].counts) counts.push(count);
      }
      joined.push({documents, counts});
    }
    return joined;
  };

  // Postings of many terms as if they were one term: 王 is the sum of all pairs that begin with it.
  newsarchive.sumPostings = function (postings, fieldCount) {
    const summed = [];
    for (let field = 0; field < fieldCount; field += 1) {
      const counts = new Map();
      for (const posting of postings) {
        posting[field].documents.forEach((document, at) => {
          counts.set(document, (counts.get(document) || 0) + posting[field].counts[at]);
        });
      }
      const documents = [...counts.keys()].sort((one, other) => one - other);
      summed.push({documents, counts: documents.map((document) => counts.get(document))});
    }
    return summed;
  };

  newsarchive.weigh = function (posting, archive) {
    const found = posting.reduce((sum, {documents}) => sum + documents.length, 0);
    const idf = Math.log(1 + Math.abs((archive.documents - found + 0.5) / (found + 0.5)));
    const {k1, b} = archive;
    return function (field, document, count) {
      const length = archive.lengths[field][document] / archive.averages[field];
      const score = (idf * ((k1 + 1) * count)) / (k1 * (1 - b + b * length) + count);
      return Math.round(score * archive.boosts[field] * 1000) / 1000;
    };
  };

  // clauses: [{term, expansions, fields, presence, boost}], expansions the terms that a clause stands for; postings: Map
  // of term → posting. Answers lunr's results, best first: [{ref, score, matchData}], ref the document's number.
  newsarchive.answer = function (archive, clauses, postings) {
    const kept = documentsOfAll(archive, clauses, postings);
    const index = assemble(archive, postings, kept, new Map(clauses.map((clause) => [clause.term, clause.expansions])));
    return index.query((query) => {
      for (const {term, fields, presence, boost} of clauses) {
        query.clause({term, fields, presence, boost: boost || 1, usePipeline: false});
      }
    });
  };

  const REQUIRED = () => lunr.Query.presence.REQUIRED;

  // The documents that every required clause has: only they can be answers, so only they need weights.
  function documentsOfAll(archive, clauses, postings) {
    let kept = null;
    for (const clause of clauses.filter(({presence}) => presence === REQUIRED())) {
      const own = new Set();
      for (const term of clause.expansions) {
        for (const field of clause.fields) {
          for (const document of postings.get(term)[archive.fields.indexOf(field)].documents) {
            if (kept === null || kept.has(document)) own.add(document);
          }
        }
      }
      kept = own;
    }
    return kept;
  }

  const NO_METADATA = {};

  function assemble(archive, postings, kept, expansions) {
    const [invertedIndex, fieldVectors] = [Object.create(null), Object.create(null)];
    [...postings.keys()].sort().forEach((term, index) => {
      const posting = postings.get(term);
      const weight = newsarchive.weigh(posting, archive);
      const entry = {_index: index};
      archive.fields.forEach((name, field) => {
        entry[name] = Object.create(null);
        posting[field].documents.forEach((document, at) => {
          if (kept !== null && !kept.has(document)) return;
          entry[name][document] = NO_METADATA;
          const reference = `${name}/${document}`;
          const vector = fieldVectors[reference] || (fieldVectors[reference] = new lunr.Vector());
          vector.elements.push(index, weight(field, document, posting[field].counts[at]));
        });
      });
      invertedIndex[term] = entry;
    });
    // lunr's own token set has lost and invented terms of many digits (its issue 503); and the terms are known here.
    const tokenSet = {intersect: (set) => ({toArray: () => expansions.get(set.toArray()[0])})};
    return new lunr.Index({invertedIndex, fieldVectors, tokenSet, fields: archive.fields, pipeline: new lunr.Pipeline()});
  }
})((globalThis.newsarchive = globalThis.newsarchive || {}));
