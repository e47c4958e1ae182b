// The logic of the document scan. Pages call the named exports: await guichet.logic.call("send", {…}).

export default {};

/** Where the window takes documents. */
const WINDOW = "https://records.gov.example/documents";

/** Counts what became of it; whoever is here misses nothing where that cannot be. */
function counted(event, value) {
  guichet.telemetry.count(event, value).catch(() => {});
}

/** Hands pages over, one after the other: `{number}`, or `{failure, sent}`, the class of what went wrong and how many are there. */
export async function send({ pages }) {
  let sent = 0;
  try {
    let number;
    for (const page of pages) {
      const headers = [{ name: "content-type", value: "application/json" }];
      const body = JSON.stringify({ number, page: sent + 1, of: pages.length, jpeg: page });
      const { status, body: told } = await guichet.network.fetch({ method: "POST", url: WINDOW, headers, body });
      if (status !== 201) {
        counted("not-handed-over", "refused");
        return { failure: "refused", sent };
      }
      number = JSON.parse(/** @type {string} */ (told)).number;
      sent += 1;
    }
    counted("handed-over");
    return { number };
  } catch (failure) {
    if (failure.class === "network/offline") counted("not-handed-over", "offline");
    return { failure: failure.class ?? "other", sent };
  }
}
