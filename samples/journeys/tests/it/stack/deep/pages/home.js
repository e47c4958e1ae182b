const level = Number(new URLSearchParams(location.search).get("level"));
addEventListener("DOMContentLoaded", async () => {
  const count = await guichet.logic.call("count", level);
  document.querySelector("a").href = `home.html?level=${level + 1}`;
  document.querySelector("h1").textContent = `Level ${level}, document ${count}`;
});
