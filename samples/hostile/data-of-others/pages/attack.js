const isServed = async (url) => {
  try {
    return (await fetch(url)).status;
  } catch {
    return null;
  }
};

globalThis.attack = async () => {
  const found = await guichet.logic.call("attack");
  for (const path of ["pages/home.html", "app.js", "../data/storage.redb"]) {
    const status = await isServed(`guichet-app://gov.example.hostile.bystander/${path}`);
    if (status !== null) found.push(`${path} ${status}`);
  }
  found.push(...(await stores.found()));
  // Whoever finds nothing of its own has not looked.
  await stores.keep("mine");
  const own = await stores.found();
  for (const kind of ["localStorage", "sessionStorage", "indexedDB", "caches"]) if (!own.includes(kind)) found.push(`no ${kind} at all`);
  if ((await isServed(location.href)) !== 200) found.push("not even its own page");
  return `found: ${found.join(", ") || "nothing"}`;
};

// Nobody has to press anything for it.
if (location.search === "?run") attack().then((found) => guichet.log.write("info", `data of others, ${found}`));
