export const attack = () => String("a".repeat(2e6).indexOf(`${"a".repeat(2e4)}b`));
