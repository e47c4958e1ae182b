const why = (make) => {
  try {
    make();
    return "it was made";
  } catch ({ name }) {
    return name;
  }
};

export const attack = () => {
  const vast = why(() => new ArrayBuffer(2 ** 40));
  const many = why(() => {
    const kept = [];
    for (;;) kept.push(new Uint8Array(16 << 20));
  });
  return `${vast}, ${many}`;
};
