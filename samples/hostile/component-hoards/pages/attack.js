globalThis.attack = () => guichet.logic.call("hoard");
