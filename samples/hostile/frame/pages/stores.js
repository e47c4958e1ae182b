// What an engine keeps for a page: written, and looked through. A store that the engine has not here is passed over.
globalThis.stores = (() => {
  const asked = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const kinds = {
    localStorage: {
      keep: (text) => localStorage.setItem("kept", text),
      names: () => Object.keys(localStorage),
    },
    sessionStorage: {
      keep: (text) => sessionStorage.setItem("kept", text),
      names: () => Object.keys(sessionStorage),
    },
    indexedDB: {
      keep: async (text) => {
        const opening = indexedDB.open("kept", 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore("kept");
        const database = await asked(opening);
        await asked(database.transaction("kept", "readwrite").objectStore("kept").put(text, "kept"));
        database.close();
      },
      names: async () => (await indexedDB.databases()).map(({ name }) => name),
    },
    caches: {
      keep: async (text) => (await caches.open("kept")).put(new URL("kept", location.href), new Response(text)),
      names: () => caches.keys(),
    },
    cookies: {
      keep: (text) => void (document.cookie = `kept=${text}; max-age=3600; path=/`),
      names: () => document.cookie.split("; ").filter(Boolean),
    },
    folder: {
      keep: async () => void (await (await navigator.storage.getDirectory()).getFileHandle("kept", { create: true })),
      names: async () => {
        const names = [];
        for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
        return names;
      },
    },
  };
  const each = async (act) => {
    const done = [];
    for (const [kind, store] of Object.entries(kinds)) {
      try {
        if (await Promise.race([act(store), new Promise((_, reject) => setTimeout(reject, 5000))])) done.push(kind);
      } catch {
        // There is none.
      }
    }
    return done;
  };
  return {
    // Writes into all.
    keep: (text) => each((store) => store.keep(text)),
    // Which have anything in them.
    found: () => each(async (store) => (await store.names()).length > 0),
  };
})();
