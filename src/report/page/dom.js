// Elements. Text is only ever set as text: nothing in the data becomes markup.
const SVG = "http://www.w3.org/2000/svg";

function fillIn(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null) node.setAttribute(name, value);
  }
  for (const child of children.flat(3))
    if (child !== null && child !== undefined && child !== false) node.append(child);
  return node;
}

export const make = (tag, attributes, ...children) =>
  fillIn(document.createElement(tag), attributes, children);
export const draw = (tag, attributes, ...children) =>
  fillIn(document.createElementNS(SVG, tag), attributes, children);
export const soft = (...text) => make("p", { class: "soft" }, ...text);

// A picture with what it says in words, for those who do not see it.
export function picture(width, height, label, ...children) {
  return draw(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label },
    ...children,
  );
}

export const legend = (...entries) =>
  make(
    "div",
    { class: "legend" },
    entries.map(([kind, word]) => make("span", null, make("i", { class: `key ${kind}` }), word)),
  );

// What makes a part of a picture something that is pressed, by the mouse or by the keyboard.
export const pressed = (act) => ({
  tabindex: 0,
  role: "button",
  onclick: act,
  onkeydown: (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    // The key has done its work: it does not press what opens under it, too.
    event.preventDefault();
    act();
  },
});

// A place for a picture that may be wider than the screen.
export const chart = (label, ...children) =>
  make("div", { class: "chart", tabindex: 0, role: "group", "aria-label": label }, ...children);
