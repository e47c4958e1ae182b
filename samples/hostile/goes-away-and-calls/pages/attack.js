globalThis.attack = async () => {
  const script = "dispatchEvent(new CustomEvent('guichet-message', { detail: JSON.stringify({ id: 1, interface: 'storage', function: 'keys', arguments: [''] }) }))";
  const places = [
    `data:text/html,<script>${script}</script>`,
    `javascript:${script}`,
    URL.createObjectURL(new Blob([`<script>${script}</script>`], { type: "text/html" })),
    "file:///etc/hostname",
    "http://127.0.0.1:9/",
    "guichet-app://gov.example.hostile.bystander/pages/home.html",
  ];
  for (const place of places) {
    location.href = place;
    await new Promise((resolve) => setTimeout(resolve, 50));
    Object.assign(document.createElement("a"), { href: place, target: "_top" }).click();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  history.pushState(null, "", "/pages/another.html");
  const { appId } = await guichet.appInfo.get();
  return appId;
};
