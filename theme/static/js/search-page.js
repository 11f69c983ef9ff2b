// The page of results. Its address has the whole state: ?q= query, section, source, year, sort, page.
(function (newsarchive) {
  'use strict';

  const PER_PAGE = 10;
  const FACETS = ['section', 'source', 'year'];
  const PAUSE = 300; // ms without a key
  const MOST_VALUES = 12; // of a facet; the others are too rare to choose by

  const root = new URL('../../', document.currentScript.src).href;
  const {say} = newsarchive;
  const page = document.querySelector('.search-page');
  const part = (name) => page.querySelector(`.search-${name}`);
  const [form, said, columns, list] = ['form', 'said', 'columns', 'hits'].map(part);
  const field = form.querySelector('input');
  const ownTitle = document.title;
  let latest = 0;
  let engine = null;

  form.hidden = false;
  part('help').hidden = false;
  part('help').textContent = say('help');
  field.addEventListener('input', (event) => event.isComposing || typed());
  field.addEventListener('compositionend', typed);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    visit({q: field.value});
  });
  document.addEventListener('keydown', focusOnSlash);
  page.addEventListener('click', followInPlace);
  addEventListener('popstate', () => showAddress());
  showAddress();

  function readState() {
    const given = new URLSearchParams(location.search);
    const state = {q: given.get('q') || '', sort: given.get('sort') === 'date' ? 'date' : '', page: Number(given.get('page')) || 1};
    for (const name of FACETS) state[name] = given.get(name) || '';
    return state;
  }

  function addressOf(state) {
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries(state)) {
      if (value && !(name === 'page' && value === 1)) given.set(name, value);
    }
    return `search.html?${given}`;
  }

  // Another search or another page of it: a new entry in the history. While one types, the present entry changes.
  function visit(state, method = 'pushState') {
    try {
      history[method](null, '', addressOf(state));
    } catch (error) {
      if (method === 'pushState') location.href = addressOf(state); // a browser that forbids this on file://
    }
    if (method === 'pushState') showAddress();
  }

  function typed() {
    visit({...readState(), q: field.value, page: 1}, 'replaceState');
    show({...readState(), q: field.value, page: 1}, true);
  }

  function showAddress() {
    const state = readState();
    field.value = state.q;
    document.title = (state.q ? `${state.q} — ` : '') + ownTitle;
    show(state, false);
  }

  function followInPlace(event) {
    const link = event.target.closest('a[data-here]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    history.pushState(null, '', link.href);
    showAddress();
    scrollTo(0, 0);
    field.focus({preventScroll: true});
  }

  function focusOnSlash(event) {
    if (event.key !== '/' || event.target === field || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
    field.select();
  }

  async function start() {
    if (typeof lunr === 'undefined') throw new Error('lunr.js did not load');
    const load = newsarchive.scriptLoader(`${root}search/`);
    await load('characters.js');
    return newsarchive.createEngine(newsarchive.createStore(load));
  }

  async function show(state, isOpen) {
    const mine = ++latest;
    newsarchive.dropTexts();
    if (!state.q.trim()) return tell([say('empty')], true);
    if (!engine) tell([say('loading')], true);
    try {
      engine = engine || start();
      const searching = await engine;
      const filters = Object.fromEntries(FACETS.map((name) => [name, state[name]]));
      const answer = await searching.search(state.q, {open: isOpen, filters, sort: state.sort});
      if (mine !== latest) return undefined;
      const first = (state.page - 1) * PER_PAGE;
      const wanted = answer.hits.slice(first, first + PER_PAGE);
      const hits = await searching.describe(wanted.map(({document}) => document));
      if (mine === latest) showAnswer(state, answer, hits, () => mine === latest);
    } catch (error) {
      engine = null;
      if (mine === latest) tell([say('failed')], true);
    }
    return undefined;
  }

  function tell(lines, isAll) {
    said.replaceChildren(...lines.map((line) => (typeof line === 'string' ? make('p', line) : line)));
    if (isAll) columns.hidden = true;
  }

  function showAnswer(state, answer, hits, isCurrent) {
    if (answer.status === 'empty') return tell([say('empty')], true);
    const notes = [...answer.notes, ...(answer.incomplete || hits.some(({failed}) => failed) ? ['incomplete'] : [])];
    if (answer.status === 'nothing') {
      tell([say('nothing', {query: state.q}), ...notes.map((note) => say(note)), ...waysOut(state, answer)], false);
    } else {
      const first = (state.page - 1) * PER_PAGE;
      const range = answer.total > PER_PAGE ? ` ${say('shown', {first: first + 1, last: first + hits.length})}` : '';
      tell([say('found', {total: answer.total.toLocaleString('en')}) + range, ...notes.map((note) => say(note))], false);
    }
    columns.hidden = false;
    list.replaceChildren(...hits.map((hit) => item(hit, answer, isCurrent)));
    list.start = (state.page - 1) * PER_PAGE + 1;
    showOrder(state, answer);
    showPages(state, answer);
    part('filters').replaceChildren(...FACETS.flatMap((name) => facet(name, state, answer.facets[name])));
    verify(answer, hits, isCurrent);
    return undefined;
  }

  function waysOut(state, answer) {
    const ways = [];
    if (answer.phrases.length) ways.push(here(say('withoutQuotes'), {...state, q: state.q.replace(/["“”＂「」『』]/g, ' ').trim(), page: 1}));
    if (FACETS.some((name) => state[name])) ways.push(here(say('withoutFilters'), {q: state.q, sort: state.sort}));
    return ways.length ? ways.map((link) => make('p', link)) : [say('fewer')];
  }

  function item({title, url, date, summary, lead, source, failed}, answer, isCurrent) {
    const entry = document.createElement('li');
    if (failed) return make('li', say('notLoaded'));
    if (/^https:/.test(lead)) {
      const image = document.createElement('img');
      Object.assign(image, {src: lead, alt: '', loading: 'lazy', decoding: 'async', width: 96, height: 72});
      image.addEventListener('error', () => image.remove());
      entry.append(image);
    }
    const pieces = newsarchive.piecesToMark([title, summary], answer.marks);
    const link = newsarchive.showMarked(document.createElement('a'), title, newsarchive.findMarks(title, pieces));
    link.href = root + url;
    link.dir = 'auto';
    const snippet = newsarchive.cutSnippet(summary, pieces);
    const text = newsarchive.showMarked(make('p', '', 'snippet'), snippet.text, snippet.marks);
    text.dir = 'auto';
    entry.append(make('h2', link), text, make('p', [source, date || say('undated')].filter(Boolean).join(' · '), 'facts'));
    if (!snippet.marks.length) whenSeen(entry, () => readSnippet(root + url, text, answer.marks, isCurrent));
    return entry;
  }

  // A snippet costs loading the article's page: only of hits whose summary does not show the words, once they are seen.
  function whenSeen(element, act) {
    const watch = new IntersectionObserver((entries) => {
      if (!entries.some(({isIntersecting}) => isIntersecting)) return;
      watch.disconnect();
      act();
    });
    watch.observe(element);
  }

  async function readSnippet(address, element, marks, isCurrent) {
    await pause(); // if the reader goes on typing, these snippets are not needed
    if (!isCurrent()) return;
    const text = await newsarchive.loadText(address);
    if (!text || !isCurrent()) return;
    const snippet = newsarchive.cutSnippet(text, newsarchive.piecesToMark([text], marks));
    if (!snippet.marks.length) return;
    element.replaceChildren();
    newsarchive.showMarked(element, snippet.text, snippet.marks);
  }

  const pause = () => new Promise((done) => setTimeout(done, PAUSE));

  // The pairs of a phrase may be apart in a text: hits that turn out not to contain it are removed.
  async function verify(answer, hits, isCurrent) {
    if (!answer.phrases.length) return;
    const held = await Promise.all(hits.map(async ({title, url, failed}) => {
      const missing = answer.phrases.filter(({phrase}) => !newsarchive.holdsPhrase(title, phrase));
      if (failed || !missing.length) return true;
      if (missing.some(({isTitle}) => isTitle)) return false;
      const text = await newsarchive.loadText(root + url);
      return text === null || missing.every(({phrase}) => newsarchive.holdsPhrase(text, phrase));
    }));
    if (!isCurrent()) return;
    list.dataset.verified = 'true';
    const items = Array.from(list.children);
    held.forEach((isHeld, at) => isHeld || items[at].remove());
    const count = held.filter((isHeld) => !isHeld).length;
    if (count) said.append(make('p', say('notHeld', {count})));
  }

  function showOrder(state, answer) {
    const choice = (name, sort) => (state.sort === sort ? make('strong', say(name)) : here(say(name), {...state, sort, page: 1}));
    part('order').replaceChildren(...(answer.total > 1 ? [choice('byRelevance', ''), ' · ', choice('byDate', 'date')] : []));
  }

  function showPages(state, answer) {
    const links = [];
    if (state.page > 1) links.push(here(say('earlier'), {...state, page: state.page - 1}));
    if (state.page * PER_PAGE < answer.total) links.push(here(say('later'), {...state, page: state.page + 1}));
    part('pages').hidden = !links.length;
    part('pages').replaceChildren(...links);
  }

  function facet(name, state, values) {
    if (values.length < 2 && !state[name]) return [];
    const entries = values.slice(0, MOST_VALUES).map(([value, count]) => {
      const link = here(value, {...state, [name]: value, page: 1});
      if (state[name] === value) link.setAttribute('aria-current', 'true');
      const entry = make('li', link);
      entry.append(' ', make('span', count.toLocaleString('en'), 'count'));
      return entry;
    });
    if (state[name]) entries.unshift(make('li', here(say('all'), {...state, [name]: '', page: 1})));
    const choices = document.createElement('ul');
    choices.append(...entries);
    return [make('h2', say(name)), choices];
  }

  function here(text, state) {
    const link = make('a', text);
    link.href = addressOf(state);
    link.dataset.here = '';
    return link;
  }

  function make(name, content, className) {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(content);
    return element;
  }
})((globalThis.newsarchive = globalThis.newsarchive || {}));
