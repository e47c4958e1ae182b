export const attack = () => guichet.storage.set("key", "value").then(() => "kept", ({ name }) => name);
