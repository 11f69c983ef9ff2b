// What no article may leave in a finished page, as [kind, detail] pairs. Everything is asked of the browser: the URL
// parser decides what an address is, and a blank document decides which names are its own. Methods of the document come
// from its prototype, because an article may have put elements in their place.
() => {
  const found = [];
  const tell = (kind, element) => found.push([kind, element.outerHTML.slice(0, 160)]);
  const blank = new DOMParser().parseFromString('', 'text/html');
  const search = Document.prototype.querySelectorAll.bind(document);
  const text = search('[itemprop~="articleBody"]')[0];

  const scheme = (address) => {
    try {
      return new URL(address, document.baseURI).protocol;
    } catch {
      return '';
    }
  };
  const isOwn = (address) => {
    const url = new URL(address, document.baseURI);
    return url.protocol === location.protocol && url.host === location.host;
  };
  const attribute = (element, name) => Element.prototype.getAttribute.call(element, name) || '';

  const FORBIDDEN = 'iframe, frame, frameset, object, embed, applet, base, portal, fencedframe';
  // The list of what cleaned text may hold is the cleaner's; these are what can carry script, style or requests.
  const STRANGE = 'style, link, meta, svg, math, template, noscript, form, input, button, select, textarea, dialog, slot';
  const ADDRESSES = ['href', 'src', 'action', 'formaction', 'data', 'poster', 'xlink:href', 'background', 'cite', 'ping'];

  // Templates and shadow trees are documents of their own, which a search from outside does not enter.
  const inner = (element) => [element.shadowRoot, element.localName === 'template' && element.content].filter(Boolean);
  const below = (one) => inner(one).flatMap((root) => walk(root.querySelectorAll('*')));
  const walk = (elements) => [...elements].flatMap((one) => [one, ...below(one)]);

  for (const element of walk(search('*'))) {
    const names = Element.prototype.getAttributeNames.call(element);
    const inText = Boolean(text) && text !== element && text.contains(element);

    if (element.localName === 'script') {
      const isData = /json$/i.test(attribute(element, 'type'));
      if (isData) {
        try {
          JSON.parse(element.textContent);
        } catch {
          tell('script', element);
        }
      } else if (inText || !attribute(element, 'src') || !isOwn(attribute(element, 'src'))) {
        tell('script', element);
      }
    }
    if (element.matches(FORBIDDEN)) tell(element.localName === 'base' ? 'base' : 'frame', element);
    if (element.matches('meta[http-equiv="refresh" i]')) tell('refresh', element);
    if (names.some((name) => /^on/i.test(name))) tell('handler', element);
    if (inText && element.matches(STRANGE)) tell('stranger', element);
    if (element.localName === 'style' || names.includes('style')) tell('style', element);

    for (const name of names.filter((one) => ADDRESSES.includes(one.toLowerCase()))) {
      const kind = scheme(attribute(element, name));
      if (kind === 'javascript:' || kind === 'vbscript:') tell('script-url', element);
      if (kind === 'data:' && !element.matches('img, source, link[rel~="icon"]')) tell('data-url', element);
      if (/action$/i.test(name) && !isOwn(attribute(element, name))) tell('form', element);
    }
    for (const name of inText ? [attribute(element, 'id'), attribute(element, 'name')] : []) {
      if (name && name in blank) tell('clobber', element);
    }
  }
  return found;
}
