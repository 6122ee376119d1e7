// ES module.  The queue that loses nothing: a finished sheet is frozen, numbered and stored in one
// transaction; it leaves the tablet only when our own server has named its uuid and its hash.
// A page of a captive portal, even with status 200, is no receipt.

import { canonical, random, sha256, uuid } from "./hash.js";

const NAME = "sumantab";
const VERSION = 1;
const BATCH = 20;
const KEEP_ACKED_MS = 30 * 86_400_000;
const LEASE_MS = 30_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;
const OWN = random(8); // this page, when two are open without Web Locks

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      // Stores are added, never made anew: that would lose what waits in them.
      const stores = { outbox: { keyPath: "order", autoIncrement: true }, state: { keyPath: "name" }, acked: { keyPath: "uuid" } };
      for (const [name, shape] of Object.entries(stores)) {
        if (!request.result.objectStoreNames.contains(name)) request.result.createObjectStore(name, shape);
      }
    };
    request.onblocked = () => reject(new Error("blocked"));
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

// Every use opens the database anew: a connection that the system closed is never kept.
async function inStores(names, mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(names, mode, { durability: "strict" });
      const result = {};
      transaction.oncomplete = () => resolve(result.value);
      transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
      work(transaction, result);
    });
  } finally {
    database.close();
  }
}

const read = (name) =>
  inStores(["state"], "readonly", (transaction, result) => {
    transaction.objectStore("state").get(name).onsuccess = (event) => { result.value = event.target.result; };
  });
const write = (row) =>
  inStores(["state"], "readwrite", (transaction) => { transaction.objectStore("state").put(row); });

export const device = () => read("device");
export const lastSent = async () => (await read("sent"))?.at;
export const stopped = async () => (await read("stopped"))?.steps ?? {};

// A tablet enrolled anew starts a new series of numbers; what waits keeps its own.
export async function enrolled(made) {
  await inStores(["state"], "readwrite", (transaction) => {
    const state = transaction.objectStore("state");
    state.put({ name: "device", token: made.token, id: made.device, called: made.name, place: made.place, facility: made.facility });
    state.put({ name: "seq", value: 0 });
  });
  await navigator.storage?.persist?.();
}

export const countStop = (step) =>
  inStores(["state"], "readwrite", (transaction) => {
    const state = transaction.objectStore("state");
    state.get("stopped").onsuccess = (event) => {
      const steps = event.target.result?.steps ?? {};
      steps[step] = (steps[step] ?? 0) + 1;
      state.put({ name: "stopped", steps });
    };
  });

// Resolves once the sheet is safe on this tablet; only then may the visitor be thanked.
export const enqueue = (sheet) =>
  inStores(["state", "outbox"], "readwrite", (transaction) => {
    const state = transaction.objectStore("state");
    state.get("device").onsuccess = ({ target: { result: own } }) => {
      if (!own) return transaction.abort();
      state.get("seq").onsuccess = ({ target: { result: last } }) => {
        const seq = (last?.value ?? 0) + 1;
        const envelope = { ...sheet, uuid: uuid(), device: own.id, seq, salt: random(16) };
        const frozen = { ...envelope, hash: sha256(canonical(envelope)) };
        state.put({ name: "seq", value: seq });
        transaction.objectStore("outbox").add({ envelope: frozen, tries: 0, state: "queued" });
      };
    };
  });

const all = () =>
  inStores(["outbox"], "readonly", (transaction, result) => {
    transaction.objectStore("outbox").getAll().onsuccess = (event) => { result.value = event.target.result; };
  });
export const waiting = async () => (await all()).filter((row) => row.state !== "quarantine");
export const quarantine = async () => (await all()).filter((row) => row.state === "quarantine");

// --- Sending ---------------------------------------------------------------------------------------

let failures = 0;
let size = BATCH;
let timer;

// Least tried first, so that an item the server stumbles over never blocks those behind it.
const next = async () =>
  (await waiting()).sort((a, b) => a.tries - b.tries || a.order - b.order).slice(0, size);

const markTried = (rows) =>
  inStores(["outbox"], "readwrite", (transaction) => {
    for (const row of rows) transaction.objectStore("outbox").put({ ...row, tries: row.tries + 1, state: "sending" });
  });

async function post(rows, token) {
  const answer = await fetch("/kiosk/api/answers", {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ sent_ms: Date.now(), items: rows.map((row) => row.envelope) }),
    redirect: "error",
    credentials: "omit",
    cache: "no-store",
    signal: AbortSignal.timeout?.(15_000),
  });
  const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
  const body = isJson ? await answer.json() : null;
  return { status: answer.status, acks: answer.status === 200 && Array.isArray(body?.acks) ? body.acks : null, ours: Boolean(body?.error) };
}

const settle = (rows, acks) => {
  let done = 0;
  return inStores(["outbox", "acked", "state"], "readwrite", (transaction, result) => {
    const outbox = transaction.objectStore("outbox");
    for (const row of rows) {
      const { uuid: key, hash } = row.envelope;
      const ack = acks.find((one) => one?.ack === key && one.hash === hash);
      if (ack?.status === "stored" || ack?.status === "duplicate") {
        outbox.delete(row.order);
        transaction.objectStore("acked").put({ uuid: key, at: Date.now() });
        done += 1;
      } else if (ack?.status === "conflict" || ack?.status === "invalid") {
        outbox.put({ ...row, tries: row.tries + 1, state: "quarantine", reason: ack.reason });
      }
    }
    if (done) transaction.objectStore("state").put({ name: "sent", at: Date.now() });
    result.value = done;
  });
};

const forgetOldReceipts = () =>
  inStores(["acked"], "readwrite", (transaction) => {
    transaction.objectStore("acked").openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      if (cursor.value.at < Date.now() - KEEP_ACKED_MS) cursor.delete();
      cursor.continue();
    };
  });

async function sendAll() {
  const own = await device();
  if (!own) return true;
  for (let rows = await next(); rows.length; rows = await next()) {
    await markTried(rows);
    const { status, acks, ours } = await post(rows, own.token);
    if (ours && (status === 401 || status === 403)) {
      await write({ ...own, revoked: true });
      return false;
    }
    if (acks === null) {
      // Not our batch to judge: try them one by one, so that a single bad one is found.
      if (ours && status !== 429) size = 1;
      return false;
    }
    if ((await settle(rows, acks)) === 0 && acks.length === 0) return false;
    if (own.revoked) await write({ ...own, revoked: undefined });
    size = BATCH;
  }
  await forgetOldReceipts();
  return true;
}

// One sender at a time: by a lock, or by a lease with an end where locks do not exist.
async function alone(work) {
  if (navigator.locks) return navigator.locks.request("sumantab-send", { ifAvailable: true }, (lock) => (lock ? work() : true));
  const mine = await inStores(["state"], "readwrite", (transaction, result) => {
    const state = transaction.objectStore("state");
    state.get("lease").onsuccess = ({ target: { result: lease } }) => {
      result.value = !lease || lease.until < Date.now() || lease.owner === OWN;
      if (result.value) state.put({ name: "lease", owner: OWN, until: Date.now() + LEASE_MS });
    };
  });
  return mine ? work() : true;
}

// Send what waits, then come again: at once when something new waits, later and later on failure.
export async function flush() {
  clearTimeout(timer);
  let sent = false;
  try {
    sent = await alone(sendAll);
  } catch {
    sent = false; // no network, a time-out, a redirect, a page that is no JSON
  }
  failures = sent ? 0 : failures + 1;
  const wait = Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS);
  timer = setTimeout(flush, sent ? LONGEST_WAIT_MS : wait * (0.75 + Math.random() / 2));
  document.dispatchEvent(new CustomEvent("queue", { detail: { sent } }));
  return sent;
}

// Something new waits: send it now, unless the server was just away.
export const nudge = () => (failures < 3 ? flush() : undefined);

addEventListener("online", flush);
document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
