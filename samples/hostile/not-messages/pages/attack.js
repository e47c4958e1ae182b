globalThis.attack = async () => {
  const post = (text) => dispatchEvent(new CustomEvent("guichet-message", { detail: text }));
  const broken = ["", "{", "null", "[]", "7", '{"id":1}', '{"id":-1,"ask":"x"}', '{"id":1e400,"ask":"x","input":null}', '{"ask":"attack","input":null}', '{"event":"unloaded"}',
    '{"interface":"storage","function":"get","arguments":["key"]}', '{"interface":"__proto__","function":"x","arguments":[],"id":1}', `${"[".repeat(5000)}`, "\u0000\ud800"];
  for (let each = 0; each < 1000; each += 1) post(broken[each % broken.length]);
  const again = JSON.stringify({ id: 1, interface: "storage", function: "get", arguments: ["key"] });
  for (let each = 0; each < 100; each += 1) post(again);
  await guichet.storage.get("key");
  return "it went on";
};
