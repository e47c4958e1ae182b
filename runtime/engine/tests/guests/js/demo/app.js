// The smallest app that uses everything once: a module of its own, storage, a timer, the page, a denied call.
import { next } from "./lib/next.js";

export default {
  async launched({ route }) {
    console.info("launched", route, await guichet.storage.get("count"));
  },
};

export async function count() {
  const value = next(await guichet.storage.get("count"));
  await guichet.storage.set("count", String(value));
  await new Promise((resolve) => setTimeout(resolve, 250));
  guichet.page.update({ count: value });
  return value;
}

export async function leave() {
  await guichet.navigation.navigate("admin"); // denied
}

export const orphan = () => {
  Promise.reject(new Error("nobody waits for me"));
};
