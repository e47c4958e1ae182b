// Seconds in, an answer out. The shell says every second how many are left; whoever touches anything but "done" is still there.

const zh = {
  title: "您还在吗？",
  left: (seconds) => `${seconds} 秒后结束办理，清除全部信息。`,
  ring: (seconds) => `还剩 ${seconds} 秒`,
  stay: "我还在，继续办",
  end: "办完了，清除并退出",
  help: "需要更多时间？工作人员可以帮您延长。",
};

const en = {
  title: "Are you still there?",
  left: (seconds) => `This session ends in ${seconds} ${seconds === 1 ? "second" : "seconds"}, and everything is cleared.`,
  ring: (seconds) => `${seconds} ${seconds === 1 ? "second" : "seconds"} left`,
  stay: "I'm still here",
  end: "I'm done, clear everything",
  help: "Need more time? Staff can help.",
};

/** When the seconds are spoken. */
const SPOKEN = new Set([30, 20, 10, 5]);

const root = document.documentElement;
const part = (id) => document.getElementById(id);
const [stay, end, rest] = [part("stay"), part("end"), part("rest")];
let isAsked = false;

function send(action) {
  window.ipc?.postMessage(JSON.stringify({ action }));
}

function setAttribute(name, value) {
  if (value) root.setAttribute(name, value);
  else root.removeAttribute(name);
}

function receive({ lang, contrast, elder, left, of }) {
  const isEnglish = String(lang).startsWith("en");
  const t = isEnglish ? en : zh;
  root.lang = isEnglish ? "en" : "zh-Hans";
  setAttribute("data-contrast", contrast ? "more" : null);
  setAttribute("data-mode", elder ? "elder" : null);
  part("title").textContent = t.title;
  part("left").textContent = t.left(left);
  part("number").textContent = String(left);
  part("ring").setAttribute("aria-label", t.ring(left));
  rest.setAttribute("pathLength", String(of));
  rest.setAttribute("stroke-dasharray", `${Math.min(left, of)} ${of}`);
  stay.textContent = t.stay;
  end.textContent = t.end;
  part("help").textContent = t.help;
  document.title = t.title;
  if (SPOKEN.has(left) || !isAsked) part("spoken").textContent = `${t.title} ${t.left(left)}`;
  if (!isAsked) stay.focus();
  isAsked = true;
}

document.addEventListener("click", ({ target }) => {
  send(target === end ? "end" : "stay");
  isAsked = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Tab" || event.key === "Shift") return;
  if ((event.key === "Enter" || event.key === " ") && document.activeElement === end) return;
  event.preventDefault();
  send("stay");
  isAsked = false;
});
addEventListener("blur", () => { isAsked = false; });

window.guichetIdle = Object.freeze({ receive });
