// Loads the files of the index. Each is a script that passes its data to `newsarchive.receive`, because file:// allows
// nothing else. A file that fails is loaded once more; a file of another build than the manifest is stale.
(function (newsarchive) {
  'use strict';

  let received = null;

  newsarchive.receive = function (id, kind, number, ...data) {
    received = {id, kind, number, data};
  };

  // What the script that has just run handed over. A load event comes right after its script, before any other runs.
  newsarchive.handOver = function () {
    const found = received;
    received = null;
    return found;
  };

  newsarchive.StaleIndex = class extends Error {};

  // loadScript(address) runs a script and answers what it handed over; the browser's is below, tests bring their own.
  newsarchive.createStore = function (loadScript) {
    const parts = new Map();
    let manifest = null;

    const load = (address) =>
      loadScript(address).catch(() => loadScript(address + (address.includes('?') ? '&' : '?') + 'again'));

    return {
      manifest() {
        manifest = manifest || load('manifest.js').then(({data}) => data[0]);
        manifest.catch(() => (manifest = null));
        return manifest;
      },

      // The data of one file. The address carries the segment's id, so that a browser's cache cannot give an old one.
      part(segment, kind, number) {
        const path = `${segment.name}/${kind}-${number}.js?${segment.id}`;
        if (!parts.has(path)) {
          const part = load(path).then((found) => {
            if (found.id !== segment.id) throw new newsarchive.StaleIndex(path);
            return found.data;
          });
          part.catch(() => parts.delete(path));
          parts.set(path, part);
        }
        return parts.get(path);
      },

      // After a stale file: the manifest anew, past every cache.
      forget() {
        parts.clear();
        manifest = load(`manifest.js?${Date.now()}`).then(({data}) => data[0]);
        return manifest;
      },
    };
  };

  // Loads scripts by elements; `folder` is the address of search/, with a slash at its end.
  newsarchive.scriptLoader = function (folder) {
    return (address) =>
      new Promise((done, fail) => {
        const script = document.createElement('script');
        script.src = folder + address;
        script.onload = () => done(newsarchive.handOver(), script.remove());
        script.onerror = () => fail(new Error(`${address} could not be loaded`, script.remove()));
        document.head.append(script);
      });
  };
})((globalThis.newsarchive = globalThis.newsarchive || {}));
