'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {test} = require('node:test');
const vm = require('node:vm');
const {project} = require('./site.js');

vm.runInThisContext(fs.readFileSync(path.join(project, 'theme/static/js/search-marks.js'), 'utf8'));
vm.runInThisContext('var document = {documentElement: {lang: "en"}};');
vm.runInThisContext(fs.readFileSync(path.join(project, 'theme/static/js/search-words.js'), 'utf8'));

const marked = (text, pieces) => newsarchive.findMarks(text, pieces).map(([start, end]) => text.slice(start, end));

test('what was searched for is marked as the text writes it', () => {
  assert.deepStrictEqual(marked('臺灣的中國經濟', ['中国经济']), ['中國經濟']);
  assert.deepStrictEqual(marked('Running, ran, RUNS', ['run']), ['Running', 'RUNS']);
  assert.deepStrictEqual(marked('ＡＢＣ 和 𠀀𠀁', ['abc', '𠀁']), ['ＡＢＣ', '𠀁']);
  assert.deepStrictEqual(marked('没有', ['北京']), []);
});

test('marks that touch become one', () => {
  assert.deepStrictEqual(marked('中国经济', ['中国', '经济', '国经']), ['中国经济']);
});

test('a run that a text does not hold in one piece is marked by its pairs', () => {
  const texts = ['中国很大，经济也大'];

  assert.deepStrictEqual(marked(texts[0], newsarchive.piecesToMark(texts, ['中国经济'])), ['中国', '经济']);
});

test('a snippet begins before its first mark and says what was cut', () => {
  const {text, marks} = newsarchive.cutSnippet(`${'前'.repeat(200)}北京${'后'.repeat(200)}`, ['北京']);

  assert.ok(text.startsWith('…') && text.endsWith('…') && text.length < 120);
  assert.deepStrictEqual(marks.map(([start, end]) => text.slice(start, end)), ['北京']);
});

test('a phrase is held as it stands, and no word is taken for a part of one', () => {
  assert.ok(newsarchive.holdsPhrase('今年，中國經濟增长', newsarchive.fold('中国经济')));
  assert.ok(!newsarchive.holdsPhrase('中国。国经。经济', newsarchive.fold('中国经济')));
  assert.ok(newsarchive.holdsPhrase('State of the art.', newsarchive.fold('the art')));
  assert.ok(!newsarchive.holdsPhrase('see the artist', newsarchive.fold('the art')));
});

test('every language says everything', () => {
  const [first, ...others] = Object.values(newsarchive.languages).map((words) => Object.keys(words).sort());

  for (const names of others) assert.deepStrictEqual(names, first);
});
