const record = (number) => `${number} `.repeat(5000);

// The record is written first, then that it was answered.
const write = async () => {
  for (let number = 1; ; number += 1) {
    await guichet.storage.set("record", record(number));
    await guichet.storage.set("answered", String(number));
    if (number === 20) guichet.logic.call("attack");
  }
};

const looked = async (answered) => {
  const found = await guichet.storage.get("record");
  const number = parseInt(found, 10);
  if (found !== record(number)) return `half a record: ${found.slice(0, 20)}`;
  if (number < Number(answered)) return `${answered} was answered, and ${number} is there`;
  return "all that was answered, and nothing half";
};

globalThis.attack = async () => {
  const answered = await guichet.storage.get("answered");
  return answered === null ? write() : looked(answered);
};
