// The code of an invitation stands behind "#" in its link, where no server and no log sees it.
const form = document.querySelector("[data-code-field]");
const code = decodeURIComponent(location.hash.slice(1));
if (form && code) {
  const field = document.getElementById(form.dataset.codeField);
  if (!field.value) field.value = code;
  history.replaceState(null, "", location.pathname);
}
