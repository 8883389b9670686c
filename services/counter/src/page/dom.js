// Small helpers to make and patch elements. Text goes in as text, never as markup, so what an event says can't become code;
// and nothing is written that is already there, so that a page that moves twice a second costs next to nothing.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an HTML element: attributes by name (`false` and `null` leave one out), then children (elements or text). */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** Makes an SVG element. */
export function vector(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** Sets, changes or (for `null` and `false`) removes an attribute, only where it differs. */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else {
    const text = value === true ? "" : String(value);
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

/** Writes text where it differs. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Text for screen readers alone. */
export function spoken(text) {
  return element("span", { class: "spoken" }, text);
}

/** Brings a parent's children into the order of `wanted`, moving only those that are out of place. */
export function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  let place = parent.firstElementChild;
  for (const child of wanted) {
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
  }
}

/**
 * Patches lists of lines such as one amount a currency: reuses the children that are there, and calls
 * `write(child, entry)` for each entry.
 */
export function patchList(parent, entries, make, write) {
  while (parent.children.length > entries.length) parent.lastElementChild.remove();
  entries.forEach((entry, index) => {
    const child = parent.children[index] ?? parent.appendChild(make());
    write(child, entry);
  });
}

/** The element with this id; the page's own markup has it. */
export const byId = (id) => document.getElementById(id);
