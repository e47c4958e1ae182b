globalThis.attack = async () => {
  const cycle = {};
  cycle.self = cycle;
  return guichet.logic.call("attack", cycle).catch(({ name }) => name);
};
