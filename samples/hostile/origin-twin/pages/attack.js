globalThis.attack = async () => {
  const own = location.host;
  const twins = [
    `guichet-app://${own}.evil.example/pages/home.html`, `guichet-app://${own}@evil.example/pages/home.html`, `guichet-app://${own}:80/pages/home.html`,
    `guichet-app://evil.${own}/pages/home.html`, `guichet-app://${own}%2eevil.example/pages/home.html`, `http://${own}/pages/home.html`, `https://${own}.evil.example/`,
    `guichet-app://gov.example.hostile.bystander/pages/home.html`, "guichet-home://home/index.html",
  ];
  const found = [];
  for (const twin of twins) {
    const answered = await Promise.race([fetch(twin).then(() => true, () => false), new Promise((resolve) => setTimeout(resolve, 1000))]);
    if (answered) found.push(`fetch ${twin}`);
    const frame = Object.assign(document.createElement("iframe"), { src: twin });
    document.body.append(frame);
    try {
      location.href = twin;
    } catch {
      // Some are no addresses at all.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    try {
      if (frame.contentDocument?.body.childElementCount) found.push(`frame ${twin}`);
    } catch {
      found.push(`frame ${twin}`);
    }
  }
  if (location.host !== own) found.push(location.href);
  return `reached: ${found.join(", ") || "nothing"}`;
};
