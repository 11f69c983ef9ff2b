// What the crawl wants to know of a page, in one answer. Runs when the page has loaded.
() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const once = (list) => [...new Set(list)];
  const address = (text) => {
    try {
      return new URL(text, document.baseURI).href;
    } catch {
      return `unreadable:${text}`;
    }
  };
  const sketch = (element) => element.outerHTML.slice(0, 120);
  // Data blocks (JSON-LD) are no script: browsers do not run them and the policy does not concern them.
  const isData = (script) => /json$/i.test(script.type);
  const handlers = (element) => element.getAttributeNames().filter((name) => name.startsWith('on'));
  const policy = all('meta[http-equiv="Content-Security-Policy" i]');
  const precedes = (element) =>
    !policy.length || element.compareDocumentPosition(policy[0]) & Node.DOCUMENT_POSITION_FOLLOWING;

  return {
    lang: document.documentElement.lang,
    headings: all('h1').length,
    policies: policy.map((meta) => meta.content),
    beforePolicy: all('script, link, style').filter(precedes).map(sketch),
    links: once(all('a[href], area[href], link[href]').map((link) => address(link.getAttribute('href')))),
    parts: once(all('script[src], img[src], source[src]').map((part) => address(part.getAttribute('src')))),
    ids: once(all('[id]').map((element) => element.id)),
    inline: [
      ...all('script:not([src])').filter((script) => !isData(script)),
      ...all('style, [style]'),
      ...all('*').filter((element) => handlers(element).length),
    ].map(sketch),
    brokenImages: all('img')
      .filter((picture) => picture.complete && picture.getAttribute('src') && !picture.naturalWidth)
      .map((picture) => picture.src),
  };
}
