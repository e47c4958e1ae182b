globalThis.attack = () => guichet.storage.set("record", "kept").then(() => "kept", (error) => error.name);
