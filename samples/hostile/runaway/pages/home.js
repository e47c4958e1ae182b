const answer = document.querySelector("#answer");

for (const button of document.querySelectorAll("button")) {
  button.addEventListener("click", async () => {
    answer.textContent = "";
    answer.textContent = String(await guichet.logic.call(button.id, { a: 2, b: 3 }));
  });
}
