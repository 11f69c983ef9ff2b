// Reads the texts of articles from their pages: opens each in a hidden frame, where the script of the search box sends
// the text. So the index needs no copy of the texts, and this works on file://, where fetch() does not.
(function (newsarchive) {
  'use strict';

  const AT_ONCE = 3; // frames; a browser has better things to do
  const PATIENCE = 8000; // ms until a page counts as lost

  const texts = new Map(); // address → promise of a text, null when there is none
  const waiting = [];
  let open = 0;

  newsarchive.loadText = function (address) {
    if (!texts.has(address)) texts.set(address, new Promise((done) => waiting.push({address, done})));
    openNext();
    return texts.get(address);
  };

  // Drop the articles that are not being read yet: their results are gone.
  newsarchive.dropTexts = function () {
    for (const {address} of waiting.splice(0)) texts.delete(address);
  };

  function openNext() {
    while (open < AT_ONCE && waiting.length) readPage(waiting.shift());
  }

  function readPage({address, done}) {
    const frame = document.createElement('iframe');
    const end = (text) => {
      removeEventListener('message', hear);
      clearTimeout(lost);
      frame.remove();
      open -= 1;
      done(text);
      openNext();
    };
    const hear = ({source, data}) => {
      if (source === frame.contentWindow && data && typeof data.newsarchiveText === 'string') end(data.newsarchiveText);
    };
    const lost = setTimeout(() => end(null), PATIENCE);
    open += 1;
    addEventListener('message', hear);
    frame.hidden = true;
    frame.tabIndex = -1;
    frame.setAttribute('aria-hidden', 'true');
    frame.src = address;
    document.body.append(frame);
  }
})((globalThis.newsarchive = globalThis.newsarchive || {}));
