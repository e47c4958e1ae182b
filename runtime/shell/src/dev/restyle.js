((paths) => {
  // The old sheet stays until the new one is there, so that nothing is seen without.
  for (const link of document.querySelectorAll("link[rel~=stylesheet]")) {
    const url = new URL(link.href, location.href);
    if (!paths.includes(decodeURIComponent(url.pathname).slice(1))) continue;
    const next = link.cloneNode();
    url.searchParams.set("again", String(Date.now()));
    next.href = url.href;
    next.addEventListener("load", () => link.remove(), { once: true });
    next.addEventListener("error", () => next.remove(), { once: true });
    link.after(next);
  }
})
