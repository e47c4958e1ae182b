globalThis.attack = async () => {
  const { storage } = guichet;
  // Writing last, so that what is found is another's.
  const ways = [() => storage.keys(""), () => storage.get("secret"), () => storage.remove("no such key"), () => storage.set("secret", "overwritten")];
  const found = [];
  for (const way of ways) {
    await way().then(
      (value) => value?.length && found.push(JSON.stringify(value)),
      (error) => found.push(error.name),
    );
  }
  return `${found.some((one) => one.endsWith("Error")) ? "" : "found: "}${found.join(", ") || "nothing"}`;
};
