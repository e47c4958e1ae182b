export const attack = (input) => {
  const isClean = {}.polluted === undefined && Object.keys(input).join() === "__proto__,constructor";
  return [isClean, JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}')];
};
