// A real identity provider for tests: oidc-provider with its own pages to sign in, and accounts whose subject is what is typed.
import { Provider } from "oidc-provider";
import { createServer } from "node:http";

const [port, redirect] = process.argv.slice(2);
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{
    client_id: "guichet", client_secret: "a secret that both know", redirect_uris: [redirect],
    grant_types: ["authorization_code"], response_types: ["code"],
  }],
  pkce: { required: () => true },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
});
createServer(provider.callback()).listen(Number(port), "127.0.0.1", () => console.log("listening"));
