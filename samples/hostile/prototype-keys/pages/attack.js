globalThis.attack = async () => {
  const input = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
  const [isClean, output] = await guichet.logic.call("attack", input);
  const stays = Object.keys(output).join() === "__proto__,constructor" && {}.polluted === undefined;
  return isClean && stays ? "clean on both sides" : "polluted";
};
