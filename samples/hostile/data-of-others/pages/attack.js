globalThis.attack = async () => {
  const found = await guichet.logic.call("attack");
  for (const path of ["pages/home.html", "app.js", "../data/storage.redb"]) {
    try {
      const answer = await fetch(`guichet-app://gov.example.hostile.bystander/${path}`);
      found.push(`${path} ${answer.status}`);
    } catch {
      // As it should be.
    }
  }
  found.push(...Object.keys(localStorage));
  found.push(...(await indexedDB.databases()).map(({ name }) => name));
  return `found: ${found.join(", ") || "nothing"}`;
};
