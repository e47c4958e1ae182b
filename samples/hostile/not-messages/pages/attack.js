globalThis.attack = async () => {
  const post = (text) => dispatchEvent(new CustomEvent("guichet-message", { detail: text }));
  const broken = ["", "{", "null", "[]", "7", '{"id":1}', '{"id":-1,"ask":"x"}', '{"id":1e400,"ask":"x","input":null}', '{"ask":"attack","input":null}', '{"event":"unloaded"}',
    '{"interface":"storage","function":"get","arguments":["key"]}', '{"interface":"__proto__","function":"x","arguments":[],"id":1}', `${"[".repeat(5000)}`, "\u0000\ud800"];
  for (let each = 0; each < 1000; each += 1) post(broken[each % broken.length]);
  const again = JSON.stringify({ id: 1, interface: "storage", function: "get", arguments: ["key"] });
  for (let each = 0; each < 100; each += 1) post(again);
  await guichet.storage.get("key");
  // Nobody has touched this page, whatever it says and does.
  for (const touched of ['{"touched":0}', ' {"touched":0}', '{ "touched": 0 }', '{"touched":0,"x":1}']) post(touched);
  document.body.click();
  document.body.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
  const copied = await guichet.clipboard.write("mine").then(() => "done", (error) => error.class);
  return copied === "clipboard/untouched" ? "it went on" : `to copy without a touch: ${copied}`;
};
