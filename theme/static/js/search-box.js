// The search box on every page: `/` focuses it, typing suggests titles, Enter opens the page of results.
// Loads the search when you first use the box. A classic script, so that it runs from file://.
(function (newsarchive) {
  'use strict';

  const root = new URL('../../', document.currentScript.src).href;
  const MOST_TITLES = 6;

  // Within a frame the page was opened by the page of results, to read its text: it answers, and is no more.
  if (window.parent !== window) {
    const body = document.querySelector('[itemprop="articleBody"]');
    const article = document.querySelector('article');
    // What is said of images that are not here is none of the article's words.
    for (const box of document.querySelectorAll('.missing')) box.remove();
    // The text first, for snippets; then the whole article, for phrases in its facts.
    const text = body && article ? `${textOf(body)}\n${article.textContent}` : '';
    window.parent.postMessage({newsarchiveText: text}, '*');
    window.stop();
    return;
  }

  // A line for each block, as the index has it: words of two paragraphs are no phrase.
  function textOf(body) {
    const blocks = body.querySelectorAll('p, h2, h3, h4, h5, h6, li, td, th, pre, dt, dd, figcaption');
    const whole = Array.from(blocks, (block) => block.textContent).join('\n');
    return whole.length > body.textContent.length / 2 ? whole : body.textContent;
  }

  const link = document.querySelector('.search');
  const form = link && makeBox(link.textContent);
  const field = form && form.querySelector('input');
  document.addEventListener('keydown', focusOnSlash);
  if (form) start();

  // The page has only a link: pages stay small, and nothing on them needs scripts.
  function makeBox(label) {
    const box = make('form', {className: 'search-box', role: 'search'});
    const titles = make('ul', {id: 'search-titles', role: 'listbox', hidden: true}, {'aria-label': label});
    const input = make(
      'input',
      {id: 'search-box', type: 'search', placeholder: label, autocomplete: 'off', spellcheck: false, maxLength: 200, role: 'combobox'},
      {
        'aria-label': label, 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': titles.id,
        'aria-keyshortcuts': '/', autocapitalize: 'off', enterkeyhint: 'search',
      },
    );
    box.append(input, titles, make('p', {className: 'unseen'}, {role: 'status'}));
    return box;
  }

  function make(name, properties, attributes = {}) {
    const element = Object.assign(document.createElement(name), properties);
    if (properties.role) element.setAttribute('role', properties.role);
    Object.entries(attributes).forEach(([attribute, value]) => element.setAttribute(attribute, value));
    return element;
  }

  function focusOnSlash(event) {
    const isTyping = event.target.closest && event.target.closest('input, textarea, select, [contenteditable]');
    const wanted = field || document.querySelector('#search-words');
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey || !wanted) return;
    event.preventDefault();
    wanted.focus();
    wanted.select();
  }

  function start() {
    link.replaceWith(form);
    const list = form.querySelector('ul');
    const said = form.querySelector('[role="status"]');
    let [engine, latest, chosen] = [null, 0, -1];

    field.addEventListener('focus', () => load().catch(() => {}));
    field.addEventListener('input', (event) => event.isComposing || suggest());
    field.addEventListener('compositionend', suggest); // some browsers' last input event still says "composing"
    field.addEventListener('keydown', onKey);
    field.addEventListener('blur', close);
    form.addEventListener('submit', (event) => event.preventDefault());
    list.addEventListener('pointerdown', (event) => event.preventDefault()); // else the field loses focus, the list its items
    list.addEventListener('click', (event) => go(event.target.closest('li')));

    function load() {
      engine = engine || newsarchive.loadEngine(root);
      engine.catch(() => (engine = null));
      return engine;
    }

    async function suggest() {
      const mine = ++latest;
      const typed = field.value.trim();
      if (!typed) return close();
      try {
        const searching = await load();
        if (mine !== latest) return undefined;
        const {hits} = await searching.search(typed, {open: true, titles: true});
        const found = await searching.describe(hits.slice(0, MOST_TITLES).map(({document}) => document));
        if (mine === latest) show(found.filter(({failed}) => !failed), hits.length);
      } catch (error) {
        if (mine === latest) tell('failed');
      }
      return undefined;
    }

    function show(found, total) {
      list.replaceChildren(...found.map(titleItem), allItem());
      chosen = -1;
      list.hidden = false;
      field.setAttribute('aria-expanded', 'true');
      field.removeAttribute('aria-activedescendant');
      tell(found.length ? 'titles' : 'noTitles', {count: Math.min(total, found.length)});
    }

    function titleItem({title, url, date, source}, at) {
      const item = makeItem(root + url, `search-title-${at}`);
      const name = document.createElement('span');
      name.dir = 'auto';
      newsarchive.showMarked(name, title, newsarchive.findMarks(title, [field.value]));
      const facts = document.createElement('span');
      facts.className = 'facts';
      facts.textContent = [source, date.slice(0, 10)].filter(Boolean).join(' · ');
      item.append(name, facts);
      return item;
    }

    function allItem() {
      const item = makeItem(resultsAddress(), 'search-title-all');
      item.textContent = newsarchive.say('allHits');
      return item;
    }

    function makeItem(address, id) {
      const item = document.createElement('li');
      item.id = id;
      item.role = 'option';
      item.setAttribute('aria-selected', 'false');
      item.dataset.address = address;
      return item;
    }

    const resultsAddress = () => `${root}search.html?q=${encodeURIComponent(field.value.trim())}`;

    function onKey(event) {
      if (event.isComposing) return;
      const move = {ArrowDown: 1, ArrowUp: -1}[event.key];
      if (move && !list.hidden) {
        event.preventDefault();
        choose(move);
      } else if (event.key === 'Escape' && !list.hidden) {
        event.preventDefault();
        close();
      } else if (event.key === 'Enter') {
        event.preventDefault();
        if (list.children[chosen]) go(list.children[chosen]);
        else if (field.value.trim()) location.href = resultsAddress();
      }
    }

    // Down from the field to the first item, and from the last back to the field.
    function choose(move) {
      const count = list.children.length;
      chosen = ((chosen + 1 + move + count + 1) % (count + 1)) - 1;
      Array.from(list.children, (item, at) => item.setAttribute('aria-selected', String(at === chosen)));
      if (chosen < 0) field.removeAttribute('aria-activedescendant');
      else field.setAttribute('aria-activedescendant', list.children[chosen].id);
    }

    function go(item) {
      if (item) location.href = item.dataset.address;
    }

    function close() {
      latest += 1;
      list.hidden = true;
      list.replaceChildren();
      chosen = -1;
      field.setAttribute('aria-expanded', 'false');
      field.removeAttribute('aria-activedescendant');
      said.textContent = '';
    }

    function tell(name, values) {
      if (newsarchive.say) said.textContent = newsarchive.say(name, values);
    }
  }

  // The scripts of the search, and an engine that reads this site's index.
  newsarchive.loadEngine = async function (folder) {
    const scripts = ['tokens', 'query', 'index', 'store', 'engine', 'words', 'marks'].map((name) => `theme/js/search-${name}.js`);
    await Promise.all(['search/lunr.js', ...scripts].map((path) => runScript(folder + path)));
    await runScript(`${folder}search/characters.js`);
    return newsarchive.createEngine(newsarchive.createStore(newsarchive.scriptLoader(`${folder}search/`)));
  };

  function runScript(address) {
    return new Promise((done, fail) => {
      const script = document.createElement('script');
      Object.assign(script, {src: address, async: false, onload: done, onerror: fail});
      document.head.append(script);
    });
  }
})((globalThis.newsarchive = globalThis.newsarchive || {}));
