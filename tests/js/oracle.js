// Asks lunr.js's index of the whole archive, and our shards, the same queries; tells which answers differ.
'use strict';

const fs = require('node:fs');
const {storeOf} = require('./site.js');

const asked = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));

// lunr's own builder, fed with our tokens and lengths. Indexes of terms are places in the sorted vocabulary, as ours are.
function buildWhole() {
  const builder = new lunr.Builder();
  builder.ref('id');
  builder.tokenizer = (tokens) => tokens.map((token) => new lunr.Token(token, {}));
  asked.fields.forEach((name, at) => builder.field(name, {boost: asked.boosts[at]}));
  asked.documents.forEach((tokens, id) => {
    builder.add(Object.fromEntries([['id', String(id)], ...asked.fields.map((name, at) => [name, tokens[at]])]));
    asked.fields.forEach((name, at) => {
      builder.fieldLengths[`${name}/${id}`] = asked.lengths[id][at];
    });
  });
  const vocabulary = Object.keys(builder.invertedIndex).sort();
  vocabulary.forEach((term, at) => {
    builder.invertedIndex[term]._index = at;
  });
  const index = builder.build();
  // lunr's token set confuses terms of many digits (its issue 503): in its place, what it is meant to say.
  index.tokenSet = {
    intersect: (set) => {
      const isPrefix = set.wanted.endsWith('*');
      const wanted = isPrefix ? set.wanted.slice(0, -1) : set.wanted;
      // The word `res` stands under its stem, so who asks for words that begin with `res` asks for `re` as well.
      const begins = (term) => term.startsWith(wanted) || term === newsarchive.stem(wanted);
      const terms = isPrefix ? vocabulary.filter(begins) : [wanted];
      return {toArray: () => terms.filter((term) => term in builder.invertedIndex)};
    },
  };
  return index;
}

function askWhole(index, clauses) {
  const fromClause = lunr.TokenSet.fromClause;
  lunr.TokenSet.fromClause = ({term}) => ({wanted: term});
  const results = index.query((query) => {
    for (const {term, prefix, fields, presence, boost} of clauses) {
      query.clause({
        term, fields, boost, usePipeline: false, presence: lunr.Query.presence[presence],
        wildcard: prefix ? lunr.Query.wildcard.TRAILING : lunr.Query.wildcard.NONE,
      });
    }
  });
  lunr.TokenSet.fromClause = fromClause;
  return results.map(({ref, score}) => [Number(ref), score]);
}

async function askShards(engine, known, clauses) {
  const wanted = clauses.map(({term, prefix, fields, presence, boost}) => (
    {key: (prefix ? '?' : '') + term, term, prefix, fields, presence: lunr.Query.presence[presence], boost}));
  const resolved = await engine.resolve(known, wanted);
  return engine.run(known, resolved).map(({document, score}) => [document, score]);
}

(async () => {
  const whole = buildWhole();
  const engine = newsarchive.createEngine(storeOf(asked.output));
  const known = await engine.open();
  known.maxExpansions = Infinity; // lunr itself has no limit
  const told = {asked: 0, found: 0, prefixes: 0, different: []};
  for (const clauses of asked.queries) {
    const [theirs, ours] = [askWhole(whole, clauses), await askShards(engine, known, clauses)];
    told.asked += 1;
    told.found += theirs.length > 0;
    told.prefixes += clauses.some(({prefix}) => prefix);
    if (JSON.stringify(theirs) !== JSON.stringify(ours)) {
      told.different.push({clauses, theirs: theirs.slice(0, 5), ours: ours.slice(0, 5)});
    }
  }
  told.different = told.different.slice(0, 5);
  process.stdout.write(JSON.stringify(told));
})();
