'use strict';

const assert = require('node:assert');
const {test} = require('node:test');
const {vectors} = require('./site.js');

for (const {title, typed, pieces, filters} of vectors('queries').queries) {
  test(`queries: ${title}`, () => assert.deepStrictEqual(newsarchive.parseQuery(typed), {pieces, filters}));
}

test('a day is told as it was counted', () => {
  const days = newsarchive.parseDays('2020-02-29');

  assert.deepStrictEqual(days.map(newsarchive.dayText), ['2020-02-29', '2020-02-29']);
});
