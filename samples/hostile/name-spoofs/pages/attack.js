globalThis.attack = () => "it has a name";
