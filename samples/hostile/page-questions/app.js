export const attack = () => 1;
