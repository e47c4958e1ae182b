export const attack = () => {
  for (;;) guichet.storage.get("key");
};
