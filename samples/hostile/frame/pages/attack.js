// The attack is the logic's.
globalThis.attack = () => guichet.logic.call("attack");
