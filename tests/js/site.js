// The search's scripts in Node, as a page has them: one global object, and the index of a built site from its folder.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const project = path.resolve(__dirname, '../..');
const run = (file) => vm.runInThisContext(fs.readFileSync(file, 'utf8'), {filename: file});

globalThis.lunr = require(path.join(project, 'node_modules/lunr/lunr.min.js'));
for (const name of ['tokens', 'query', 'index', 'store', 'engine']) {
  run(path.join(project, `theme/static/js/search-${name}.js`));
}
newsarchive.readCharacters(JSON.parse(fs.readFileSync(path.join(project, 'plugins/newsarchive/index/characters.json'), 'utf8')));

// A store that reads a built site's search/ folder; `fail(address)` may say that a file cannot be had.
function storeOf(output, fail = () => false) {
  return newsarchive.createStore(async (address) => {
    const file = path.join(output, 'search', address.split('?')[0]);
    if (fail(address) || !fs.existsSync(file)) throw new Error(`no ${address}`);
    run(file);
    return newsarchive.handOver();
  });
}

const vectors = (table) => JSON.parse(fs.readFileSync(path.join(project, `tests/vectors/${table}.json`), 'utf8'));

module.exports = {storeOf, vectors, project};
