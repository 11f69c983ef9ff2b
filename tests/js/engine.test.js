'use strict';

const assert = require('node:assert');
const {test} = require('node:test');
require('./site.js');

// An index of two documents, as a build writes it: 北京 in the first's title, 上海 in the second's, "hello" in both.
const COLUMNS = {lengths: ['##', '##', '##'], places: [['财经', '晨报'], ['科技', '晚报']], place: '!#', days: '##'};
const manifest = (id) => ({
  build: id, fields: ['title', 'body', 'facts'], boosts: [4, 1, 1], levels: Array.from({length: 64}, (_, at) => at), chunk: 16,
  segments: [{name: 'month', id, documents: 2, lengths: [4, 4, 4], shards: 'hello'}],
});
const DOCUMENTS = [['北京', '2021/a', '2021-01-01 08:00', '', ''], ['<img src=x onerror=alert(1)>', '2021/b', '', '', '']];

// numbers: '!' is 0, '#' is 1, '$' is 2; a head of 2 ($) is one posting in the body, of 10 (,) two
function storeOf(files, loads = []) {
  return newsarchive.createStore(async (address) => {
    loads.push(address);
    const path = address.split('?')[0];
    const given = typeof files[path] === 'function' ? files[path](address) : files[path];
    if (!given) throw new Error(`no ${address}`);
    newsarchive.receive(...given);
    return newsarchive.handOver();
  });
}

const files = (id = 'one') => ({
  'manifest.js': ['', 'manifest', 0, manifest(id)],
  'month/columns-0.js': [id, 'columns', 0, COLUMNS],
  'month/terms-0.js': [id, 'terms', 0, 'hello :北.京', ',!!$!$!'],
  'month/documents-0.js': [id, 'documents', 0, DOCUMENTS],
});

test('a shard is read: words, pairs and where they stand', () => {
  const shard = newsarchive.readShard('hello :北.京', ',!!$!$!', 3);

  assert.deepStrictEqual([...shard.keys()], ['hello', '北', '北京']);
  assert.deepStrictEqual(shard.get('hello')[1], {documents: [0, 1], counts: [1, 1]});
  assert.deepStrictEqual(shard.get('北京')[1], {documents: [0], counts: [1]});
});

test('a search finds, counts and describes', async () => {
  const engine = newsarchive.createEngine(storeOf(files()));

  const answer = await engine.search('hello');

  assert.strictEqual(answer.total, 2);
  assert.deepStrictEqual(answer.facets.section, [['科技', 1], ['财经', 1]]);
  assert.strictEqual((await engine.describe([1]))[0].title, '<img src=x onerror=alert(1)>');
});

test('phrases are told, in the title or anywhere, but not tags, which are whole', async () => {
  const engine = newsarchive.createEngine(storeOf(files()));

  const {phrases} = await engine.search('"北京" title:"Hello" tag:"北京" hello -"no"');

  assert.deepStrictEqual(phrases, [{phrase: '北京', isTitle: false}, {phrase: 'hello', isTitle: true}]);
});

test('a query that asks for nothing finds nothing, whatever it is made of', async () => {
  const engine = newsarchive.createEngine(storeOf(files()));

  for (const typed of ['', ' ', '"', '-', '***', '!!', 'title:""', '-""']) {
    assert.strictEqual((await engine.search(typed)).status, 'empty', typed);
  }
});

test('only unwanted words find everything that has none of them', async () => {
  const engine = newsarchive.createEngine(storeOf(files()));

  assert.deepStrictEqual((await engine.search('-北京')).hits.map(({document}) => document), [1]);
});

test('a file that fails is asked for once more', async () => {
  const given = files();
  const shard = given['month/terms-0.js'];
  given['month/terms-0.js'] = (address) => (address.endsWith('again') ? shard : null);

  const answer = await newsarchive.createEngine(storeOf(given)).search('hello');

  assert.strictEqual(answer.incomplete, false);
  assert.strictEqual(answer.total, 2);
});

test('a file that fails twice makes the results incomplete, and the next search tries again', async () => {
  const given = files();
  const shard = given['month/terms-0.js'];
  delete given['month/terms-0.js'];
  const engine = newsarchive.createEngine(storeOf(given));

  const without = await engine.search('hello');
  given['month/terms-0.js'] = shard;
  const whole = await engine.search('hello');

  assert.deepStrictEqual([without.incomplete, without.total], [true, 0]);
  assert.deepStrictEqual([whole.incomplete, whole.total], [false, 2]);
});

test('an old manifest beside new shards is noticed, and the new one is loaded past the cache', async () => {
  const loads = [];
  const given = files('new');
  given['manifest.js'] = (address) => ['', 'manifest', 0, manifest(address.includes('?') ? 'new' : 'old')];

  const answer = await newsarchive.createEngine(storeOf(given, loads)).search('hello');

  assert.strictEqual(answer.total, 2);
  assert.ok(loads.some((address) => /^manifest\.js\?\d+$/.test(address)));
});

test('files of another build than every manifest fail, and do not loop', async () => {
  const given = files('new');
  given['manifest.js'] = ['', 'manifest', 0, manifest('old')];

  await assert.rejects(newsarchive.createEngine(storeOf(given)).search('hello'), newsarchive.StaleIndex);
});

test('an index without articles answers', async () => {
  const nothing = {...manifest('x'), segments: []};
  const engine = newsarchive.createEngine(storeOf({'manifest.js': ['', 'manifest', 0, nothing]}));

  assert.strictEqual((await engine.search('hello')).total, 0);
});
