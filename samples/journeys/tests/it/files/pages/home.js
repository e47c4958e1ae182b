const on = (id, act) => document.querySelector(id).addEventListener("click", async () => {
  document.querySelector("#told").value = await act().catch(({ message }) => message);
});
addEventListener("DOMContentLoaded", () => {
  on("#choose", async () => {
    const chosen = await guichet.files.pick(["txt"]);
    if (!chosen) return "nothing";
    const bytes = await guichet.files.read(chosen.number, 0, chosen.size);
    return `${chosen.name}: ${new TextDecoder().decode(bytes)}`;
  });
  on("#keep", async () => String(await guichet.files.save("receipt.txt", new TextEncoder().encode("received"))));
});
