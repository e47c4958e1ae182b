globalThis.attack = async () => {
  const own = await guichet.storage.get("key").then(() => "read", ({ name }) => name);
  return `${own}, ${await guichet.logic.call("attack")}`;
};
