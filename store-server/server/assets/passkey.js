// The one script of the console: it carries a passkey ceremony between the store and the browser, and nothing else.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.what ? `${said.what} — ${said.hint}` : answer.statusText);
  return said;
}

const listed = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

async function made(asked) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: listed(asked.excludeCredentials),
    },
  });
  const { response } = credential;
  return {
    id: credential.id,
    clientData: text(response.clientDataJSON),
    authenticatorData: text(response.getAuthenticatorData()),
    publicKey: text(response.getPublicKey()),
  };
}

async function used(asked) {
  const credential = await navigator.credentials.get({
    publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: listed(asked.allowCredentials) },
  });
  const { response } = credential;
  return {
    id: credential.id,
    clientData: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
  };
}

async function ceremony(form) {
  const { ceremony, publicKey } = await post(form.dataset.asks, {});
  const answer = await (form.dataset.passkey === "make" ? made : used)(publicKey);
  const name = new FormData(form).get("name") ?? "";
  const { next } = await post(form.action, { ceremony, name, answer });
  location.assign(next);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const said = form.querySelector("[role=alert]");
  form.hidden = !window.PublicKeyCredential;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    said.hidden = true;
    try {
      await ceremony(form);
    } catch (error) {
      said.textContent = error.name === "NotAllowedError" ? form.dataset.stopped : error.message;
      said.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
}
