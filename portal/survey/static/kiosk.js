// ES module.  The tablet in the waiting room: one question a screen, one tap an answer.  What a
// visitor has answered lives in `run` and nowhere else; a reset drops it whole.

import * as queue from "./queue.js";
import { button, choice, filled, icon, make, show } from "./screens.js";

const script = JSON.parse(document.getElementById("script").textContent);
const TILES = { kunjungan: "people", titipan: "parcel", informasi: "info", pengaduan: "complaint", lainnya: "other" };
const HOME = "attract";
const CORNER_TAPS = 5;
const CORNER_WITHIN_MS = 4_000;

let run = fresh();
let here = HOME; // "attract", "run", "thanks", "corner", "enrol", "broken"
let idle;
let countdown;
let later;

function fresh() {
  return { lang: script.languages[0].code, step: 0, answers: {}, service: null, age_band: null, sex: null, started_ms: 0, started: 0 };
}

const language = () => script.languages.find((one) => one.code === run.lang);
const word = (name, values = {}) => filled(language().words[name], values);

// --- The run: service, nine elements, age, sex, message -------------------------------------------

const STEPS = ["service", ...script.elements.map((element) => element.code), "age", "sex", "message"];
const isElement = (step) => step > 0 && step <= script.elements.length;

function start() {
  run = { ...fresh(), lang: run.lang, started_ms: Date.now(), started: performance.now() };
  step(0);
}

function step(to) {
  here = "run";
  run.step = to;
  const name = STEPS[to];
  const draw = { service: drawService, age: drawAge, sex: drawSex, message: drawMessage }[name] ?? drawElement;
  draw();
  watch();
}

const forward = () => step(run.step + 1);

function bar() {
  const total = script.elements.length;
  const number = run.step;
  const back = button(word("back"), () => (run.step ? step(run.step - 1) : home()), "second", "back");
  const middle = isElement(number)
    ? make("div", { class: "step" }, word("step", { number, total }), make("progress", { max: total, value: number, "aria-hidden": "true" }))
    : make("div", { class: "step" });
  return [back, middle, button(word("restart"), home, "quiet")];
}

function drawService() {
  show({
    bar: bar(),
    main: [
      make("h1", {}, word("service_title")),
      make("div", { class: "choices tiles" }, ...script.services.map((code) =>
        choice(language().services[code], () => { run.service = code; forward(); }, { drawing: TILES[code], kind: "tile", pressed: run.service === code, mark: word("your_answer"), value: code }))),
    ],
  });
}

function drawElement() {
  const { code, official } = script.elements[run.step - 1];
  const [question, ...answers] = language().questions[code];
  const scored = (score) => () => { run.answers[code] = score; forward(); };
  show({
    bar: bar(),
    main: [
      make("h1", { class: "question" }, question),
      make("div", { class: "choices answers" }, ...answers.map((label, at) =>
        choice(label, scored(at + 1), { drawing: `face-${at + 1}`, pressed: run.answers[code] === at + 1, mark: word("your_answer"), value: at + 1 }))),
    ],
    base: [button(word("skip"), scored(null), "quiet"), make("p", { class: "official", lang: "id" }, official)],
  });
}

function drawOne(title, values, words, chosen, set) {
  show({
    bar: bar(),
    main: [
      make("h1", { class: "question" }, title),
      make("div", { class: `choices ${values.length > 2 ? "answers" : "pair"} plain` }, ...values.map((value) =>
        choice(words[value], () => { set(value); forward(); }, { pressed: chosen === value, mark: word("your_answer"), value }))),
    ],
    base: [button(word("skip"), () => { set(null); forward(); }, "quiet")],
  });
}

const drawAge = () => drawOne(word("age_title"), script.ages, language().ages, run.age_band, (value) => { run.age_band = value; });
const drawSex = () => drawOne(word("sex_title"), script.sexes, language().sexes, run.sex, (value) => { run.sex = value; });

function drawMessage() {
  show({
    bar: bar(),
    main: [
      make("h1", { class: "question" }, word("message_title")),
      make("p", { class: "lead" }, word("message_lead")),
      make("div", { class: "choices pair plain" },
        choice(word("message_none"), () => finish(false), { value: "none" }),
        choice(word("message_paper"), () => finish(true), { value: "paper" })),
    ],
  });
}

function sheet() {
  const answers = Object.fromEntries(script.elements.map(({ code }) => [code, run.answers[code] ?? null]));
  const told = { age_band: run.age_band, sex: run.sex };
  return {
    lane: "skm",
    form_version: script.form_version,
    lang: run.lang,
    service: run.service,
    answers,
    ...(told.age_band || told.sex ? { demographics: told } : {}),
    assisted: false,
    started_ms: run.started_ms,
    finished_ms: run.started_ms + Math.round(performance.now() - run.started), // a clock set meanwhile does no harm
  };
}

async function finish(paper) {
  here = "saving";
  stopWatching();
  const done = sheet();
  try {
    await queue.enqueue(done);
  } catch {
    return broken();
  }
  thanks(paper);
  queue.nudge();
}

function thanks(paper) {
  here = "thanks";
  show({
    kind: "finished",
    main: [make("div", { class: "screen thanks" }, icon("positive"),
      make("h1", {}, word("thanks_title")),
      make("p", { class: "lead" }, word("thanks_lead")),
      make("p", { class: "lead" }, word(paper ? "thanks_paper" : "thanks_serious")))],
    title: word("thanks_title"),
  });
  later = setTimeout(home, script.thanks_seconds * 1000);
}

// --- Start, reset, idle ---------------------------------------------------------------------------

function home() {
  if (here === "run") queue.countStop(STEPS[run.step]).catch(() => {});
  wipe();
  attract();
}

function wipe() {
  clearTimeout(later);
  stopWatching();
  run = fresh();
}

function attract() {
  here = HOME;
  const other = script.languages.filter((one) => one.code !== run.lang);
  show({
    kind: "attract",
    bar: [make("button", { type: "button", class: "corner", "aria-label": word("corner_title"), onclick: knock }, icon("mark")),
      make("div", { class: "languages" }, ...other.map((one) =>
        make("button", { type: "button", class: "button quiet", lang: one.code, onclick: () => { run.lang = one.code; attract(); document.documentElement.lang = one.code; } }, icon("language"), make("span", {}, one.name))))],
    main: [
      make("h1", {}, word("attract_title")),
      make("p", { class: "lead" }, word("attract_lead")),
      make("div", { class: "actions" }, make("button", { type: "button", class: "button big", onclick: start }, word("start"))),
      icon("hand"),
    ],
    base: [make("p", { class: "promise" }, `${word("attract_use")} ${word("attract_free")} ${word("attract_private")}`)],
  });
  document.querySelector("#main > .icon")?.classList.add("hand");
  document.documentElement.lang = run.lang;
  document.dispatchEvent(new Event("kiosk:idle"));
}

function watch() {
  stopWatching();
  if (here === "run") idle = setTimeout(warn, script.idle_warn_seconds * 1000);
}

function stopWatching() {
  clearTimeout(idle);
  clearInterval(countdown);
  document.querySelector(".cover")?.remove();
}

function warn() {
  let left = script.idle_countdown_seconds;
  const number = make("p", { class: "countdown", "aria-hidden": "true" }, String(left));
  const said = make("p", { class: "lead", role: "status" }, word("idle_lead", { seconds: left }));
  const go = make("button", { type: "button", class: "button big", onclick: watch }, word("continue"));
  const cover = make("div", { class: "cover", role: "alertdialog", "aria-modal": "true", "aria-labelledby": "idle-title" },
    make("h2", { id: "idle-title", class: "question" }, word("idle_title")), number, said, go);
  cover.addEventListener("keydown", (event) => { if (event.key === "Tab") { event.preventDefault(); go.focus(); } });
  document.body.append(cover);
  go.focus();
  countdown = setInterval(() => {
    left -= 1;
    number.textContent = String(left);
    if (left <= 0) home();
  }, 1000);
}

// --- Out of order, not enrolled, officers ---------------------------------------------------------

function broken() {
  here = "broken";
  show({ main: [make("h1", {}, word("broken_title")), make("p", { class: "lead" }, word("broken_lead"))] });
  later = setTimeout(boot, 60_000);
}

function notEnrolled() {
  here = "enrol";
  show({
    main: [make("h1", {}, word("enrol_title")), make("p", { class: "lead" }, word("enrol_lead")),
      make("div", { class: "actions" }, button(word("enrol_action"), enrolForm, ""))],
  });
}

const field = (id, label, attributes = {}) =>
  [make("label", { for: id }, label), make("input", { id, name: id, type: "text", autocomplete: "off", spellcheck: "false", ...attributes })];

function enrolForm() {
  here = "enrol";
  const said = make("p", { class: "notice caution", role: "alert", hidden: true });
  const form = make("form", { class: "enrol", novalidate: true },
    ...field("code", word("enrol_code"), { autocapitalize: "characters", inputmode: "text" }),
    ...field("name", word("enrol_name"), { maxlength: "60" }),
    said,
    make("div", { class: "actions" }, make("button", { class: "button" }, word("enrol_action"))));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.hidden = true;
    const failed = await enrol(form.elements.code.value, form.elements.name.value);
    if (failed) { said.textContent = failed; said.hidden = false; }
  });
  show({ bar: [button(word("back"), boot, "second", "back"), make("div")], main: [make("h1", {}, word("enrol_action")), form] });
  form.elements.code.focus();
}

async function enrol(code, name) {
  try {
    const answer = await fetch("/kiosk/api/enrolment", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code, name }), redirect: "error", cache: "no-store",
    });
    const body = await answer.json();
    if (answer.status !== 201 || !body.token) return body.error?.text ?? word("enrol_failed");
    await queue.enrolled(body);
  } catch {
    return word("enrol_failed");
  }
  await boot();
  return "";
}

let knocks = [];
function knock() {
  const now = performance.now();
  knocks = [...knocks.filter((at) => now - at < CORNER_WITHIN_MS), now];
  if (knocks.length >= CORNER_TAPS) { knocks = []; corner(); }
}

async function corner() {
  here = "corner";
  const [own, left, refused, sent, stops] = await Promise.all([queue.device(), queue.waiting(), queue.quarantine(), queue.lastSent(), queue.stopped()]);
  const persisted = (await navigator.storage?.persisted?.()) ?? false;
  const yes = (value) => word(value ? "yes" : "no");
  const reasons = refused.length ? ` (${[...new Set(refused.map((row) => row.reason))].join(", ")})` : "";
  const rows = [
    [word("corner_device"), own ? `${own.called}, ${own.place}` : "–"],
    [word("corner_waiting"), left.length],
    [word("corner_quarantine"), refused.length + reasons],
    [word("corner_last"), sent ? new Date(sent).toLocaleString(run.lang) : word("corner_never")],
    [word("corner_stopped"), Object.values(stops).reduce((sum, n) => sum + n, 0)],
    [word("corner_worker"), yes(navigator.serviceWorker?.controller)],
    [word("corner_persisted"), yes(persisted)],
  ];
  show({
    bar: [button(word("corner_close"), boot, "second", "back"), make("div")],
    main: [make("h1", {}, word("corner_title")),
      own?.revoked ? make("p", { class: "notice caution" }, word("corner_revoked")) : null,
      make("dl", { class: "facts" }, ...rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, String(value)))))],
    base: [button(word("corner_send"), async () => { await queue.flush(); corner(); }, "second"), own?.revoked ? button(word("enrol_action"), enrolForm, "") : null],
  });
}

async function boot() {
  wipe();
  let own;
  try {
    own = await queue.device();
  } catch {
    return broken();
  }
  if (!own || own.revoked) return notEnrolled();
  attract();
}

document.addEventListener("queue", async () => {
  if (here === HOME && (await queue.device())?.revoked) notEnrolled();
});
for (const event of ["pointerdown", "keydown"]) {
  document.addEventListener(event, () => { if (here === "run" && !document.querySelector(".cover")) watch(); });
}
for (const event of ["contextmenu", "dragstart", "selectstart"]) {
  document.addEventListener(event, (it) => { if (!(it.target instanceof HTMLInputElement)) it.preventDefault(); });
}
addEventListener("pageshow", (event) => { if (event.persisted) boot(); });

// --- The shell: everything is on the tablet after the first load -----------------------------------

async function installWorker() {
  if (!navigator.serviceWorker) return; // plain http: the page was loaded once and never leaves
  const path = "/kiosk/sw.js";
  const url = window.trustedTypes
    ? trustedTypes.createPolicy("portal", { createScriptURL: (wanted) => {
        if (wanted !== path) throw new TypeError(wanted);
        return wanted;
      } }).createScriptURL(path)
    : path;
  const registration = await navigator.serviceWorker.register(url, { scope: "/kiosk/" });
  let first = !navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (!first && here === HOME) location.reload();
    first = false;
  });
  // A new version waits until nobody answers and nothing waits to be sent.
  document.addEventListener("kiosk:idle", async () => {
    if ((await queue.waiting()).length) return;
    await registration.update().catch(() => {});
    if (here === HOME) registration.waiting?.postMessage("activate");
  });
  await navigator.serviceWorker.ready;
  document.documentElement.dataset.worker = "ready";
}

await boot();
document.documentElement.dataset.app = "ready";
queue.flush();
installWorker().catch(() => {});
