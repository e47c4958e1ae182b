// The name of a window stays when its document goes.
const begun = Number(window.name);
if (begun > 0 && begun < 40) {
  window.name = begun + 1;
  location.reload();
}

globalThis.attack = () => {
  window.name = 1;
  location.reload();
  return "";
};
if (begun >= 40) show(`it began ${begun} times`);
