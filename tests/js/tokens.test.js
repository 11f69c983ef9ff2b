'use strict';

const assert = require('node:assert');
const {test} = require('node:test');
const {vectors} = require('./site.js');

const {tokens, query_terms: queryTerms} = vectors('tokens');

for (const {title, text, tokens: wanted} of tokens) {
  test(`tokens: ${title}`, () => assert.deepStrictEqual(newsarchive.tokenise(text), wanted));
}

for (const {title, text, open, terms} of queryTerms) {
  test(`query terms: ${title}`, () => {
    const found = newsarchive.queryTerms(text, open).map(({term, prefix}) => term + (prefix ? '*' : ''));

    assert.deepStrictEqual(found, terms);
  });
}
