globalThis.attack = () => {
  guichet.logic.call("attack");
  return "";
};

const tell = () => {
  if (guichet.page.state.answer) show(guichet.page.state.answer);
};
guichet.page.onupdate = tell;
tell();
