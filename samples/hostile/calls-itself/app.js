const down = (depth) => down(depth + 1) + 1;
export const attack = () => String(down(0));
