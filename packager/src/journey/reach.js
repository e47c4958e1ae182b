// Puts the focus where the Tab key could put it, and says with what key the thing is used.
const [element] = arguments;
element.scrollIntoView({ block: "nearest" });
element.focus();
const isSwitch = element.matches("input[type=checkbox], input[type=radio], [role=checkbox], [role=radio], [role=switch]");
return { reached: document.activeElement === element && element.tabIndex >= 0, key: isSwitch ? "Space" : "Enter" };
