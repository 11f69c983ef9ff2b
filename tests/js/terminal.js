// What the browser's engine answers to each query, as `newsarchive search --json` tells it.
'use strict';

const fs = require('node:fs');
const {storeOf} = require('./site.js');

const {output, queries} = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));

(async () => {
  const engine = newsarchive.createEngine(storeOf(output));
  const answers = [];
  for (const query of queries) {
    const {hits, notes} = await engine.search(query);
    answers.push({notes, hits: hits.map(({document, score}) => [document, score])});
  }
  process.stdout.write(JSON.stringify(answers));
})();
