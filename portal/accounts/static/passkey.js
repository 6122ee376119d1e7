// Passkeys, as an addition: without this module the codes of the app do the same.
// Current browsers turn the JSON into what they need by themselves.

const json = { "Content-Type": "application/json" };

async function post(address, body) {
  const answer = await fetch(address, { method: "POST", headers: json, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

const ways = {
  "sign-in": async (question) =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) }),
  register: async (question) =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) }),
};

async function run(box) {
  const told = box.querySelector("[data-failed]");
  told.textContent = "";
  try {
    const question = await post(box.dataset.question, {});
    const key = await ways[box.dataset.passkey](question);
    const { onward } = await post(box.dataset.answer, key.toJSON());
    location.assign(onward);
  } catch {
    told.textContent = told.dataset.failed;
  }
}

if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  for (const box of document.querySelectorAll("[data-passkey]")) {
    box.querySelector("button").addEventListener("click", () => run(box));
    box.hidden = false;
  }
}
