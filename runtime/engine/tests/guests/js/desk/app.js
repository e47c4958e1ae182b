// One export for each thing that the script component offers.
import limits from "./limits.json" with { type: "json" };

const seen = [];

export default {
  launched(event) { seen.push(["launched", event]); },
  shown() { seen.push(["shown"]); },
  hidden() { seen.push(["hidden"]); },
  unloaded() { seen.push(["unloaded"]); },
  pageLoaded(event) { seen.push(["pageLoaded", event]); },
  pageReady(event) { seen.push(["pageReady", event]); },
  pageShown(event) { seen.push(["pageShown", event]); },
  pageHidden(event) { seen.push(["pageHidden", event]); },
  pageUnloaded(event) { seen.push(["pageUnloaded", event]); },
  error(fault) { seen.push(["error", fault.message]); },
};

export const events = () => seen;
export const lang = () => guichet.lang;
export const page = (input, from) => ({ input, from });
export const json = () => limits.most;
export const nothing = () => {};

export async function bytes() {
  const before = await guichet.storage.get("bytes");
  await guichet.storage.set("bytes", new Uint8Array([0, 255, 7]));
  const value = await guichet.storage.get("bytes");
  await guichet.storage.set("text", "证");
  const text = await guichet.storage.get("text");
  const keys = await guichet.storage.keys("");
  await guichet.storage.remove("bytes");
  return {
    before: String(before),
    bytes: [...value],
    isBytes: value instanceof Uint8Array,
    text,
    keys,
    after: await guichet.storage.keys(""),
  };
}

export const whoami = () => guichet.appInfo.get();

export async function timers() {
  const order = [];
  const never = setTimeout(() => order.push("never"), 5);
  setTimeout((a, b) => order.push(a + b), 1, "o", "ne");
  clearTimeout(never);
  clearTimeout(never);
  clearTimeout(999);
  await new Promise((done) => {
    let ticks = 0;
    const every = setInterval(() => {
      order.push(`tick at ${Date.now() - start}`);
      if (++ticks === 2) done(clearInterval(every));
    }, 10);
    const start = Date.now();
  });
  return order;
}

export async function wrong() {
  const said = async (start) => {
    try {
      await start();
      return "nothing";
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
  };
  return [
    await said(() => guichet.storage.set("k", { not: "storable" })),
    await said(() => guichet.storage.get(7)),
    await said(() => guichet.storage.get("")),
    await said(() => guichet.navigation.navigate("admin")),
    await said(() => guichet.page.update(undefined)),
    await said(() => setTimeout("alert(1)")),
    await said(() => guichet.log.write("loud", "x")),
  ];
}

export const text = () => {
  const bytes = new TextEncoder().encode("办事 😀");
  let fatal;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255]));
  } catch (error) {
    fatal = error.name;
  }
  return [bytes.length, new TextDecoder().decode(bytes), new TextDecoder().decode(bytes.buffer), new TextDecoder().decode(new Uint8Array([255])), fatal];
};

export const says = () => {
  const circle = {};
  circle.self = circle;
  console.debug("debug", 1, { a: [true, null] });
  console.warn(undefined, circle);
  console.error(new TypeError("typed"));
};

export const dice = () => [Math.random(), Math.random(), Date.now(), new Date().toISOString()];
export const fail = () => { throw new Error("this form is closed"); };
export const failure = () => { throw "a text"; };
export const big = () => 10n;

export async function race() {
  const answers = await Promise.all(["a", "b", "c"].map((key) => guichet.storage.get(key)));
  return answers.map(String);
}
