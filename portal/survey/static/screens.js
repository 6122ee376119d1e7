// ES module.  What stands on a screen: plain elements, words as text, drawings cloned from the page.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", (event) => { if (event.detail < 2) value(event); });
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const icon = (name) =>
  document.getElementById(`icon-${name}`)?.content.firstElementChild?.cloneNode(true) ?? null;

export const filled = (text, values) =>
  text.replace(/%\((\w+)\)s/g, (_, name) => String(values[name]));

// One screen replaces the other; its heading takes the focus, so that it is read aloud.
export function show({ bar = [], main, base = [], kind = "", title }) {
  document.body.className = `kiosk ${kind}`.trim();
  document.querySelector(".bar").replaceChildren(...bar.filter(Boolean));
  document.getElementById("main").replaceChildren(...main.filter(Boolean));
  document.querySelector(".base").replaceChildren(...base.filter(Boolean));
  const heading = document.querySelector("#main h1");
  document.title = `${title ?? heading?.textContent ?? ""} – SUMANTAB`;
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
}

export const button = (label, onclick, kind = "second", drawing = null) =>
  make("button", { type: "button", class: `button ${kind}`, onclick }, drawing && icon(drawing), make("span", {}, label));

export const choice = (label, onclick, { drawing, kind = "answer", pressed = false, mark, value } = {}) =>
  make(
    "button",
    { type: "button", class: kind, onclick, "aria-pressed": pressed ? "true" : null, "data-value": value },
    drawing && icon(drawing),
    make("span", {}, label),
    pressed && mark ? make("span", { class: "hidden" }, ` (${mark})`) : null,
  );
