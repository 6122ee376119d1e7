// ES module.  Adds a button that shows what was typed; without it the field works all the same.

for (const input of document.querySelectorAll("input[type=password][data-show]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button second";
  const hide = () => {
    input.type = "password";
    button.textContent = input.dataset.show;
  };
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    if (input.type === "password") {
      input.type = "text";
      button.textContent = input.dataset.hide;
    } else {
      hide();
    }
  });
  input.form?.addEventListener("submit", hide);
  hide();
  input.after(button);
}
