// Tokens, query terms, parsed queries and stems of what pytest asks for, as JSON.
'use strict';

const fs = require('node:fs');
require('./site.js');

const {texts = [], words = []} = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const answers = {
  tokens: texts.map(newsarchive.tokenise),
  folds: texts.map(newsarchive.fold),
  terms: texts.map((text) => newsarchive.queryTerms(text, true)),
  queries: texts.map(newsarchive.parseQuery),
  stems: words.map(newsarchive.stem),
};
process.stdout.write(JSON.stringify(answers));
