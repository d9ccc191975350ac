// Readings typed without a network. They wait in IndexedDB until the server has said what became of each.
// The server takes the same client_key twice as once, so sending again after a lost answer is safe.

const STORE = "readings";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("domivka", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "clientKey" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** Entry: {clientKey, url, fields: [[name, value]], words: ["Лічильник № 7: 58"], typedAt}. */
export const save = (entry) => run("readwrite", (store) => store.put(entry));
export const remove = (clientKey) => run("readwrite", (store) => store.delete(clientKey));
export const waiting = () => run("readonly", (store) => store.getAll());

function token() {
  const match = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
  return match ? match[1] : "";
}

/** Send one entry. Returns "offline", "signin", "withdrawn" when the person may send readings of this home no more, or
 * the server's answer {taken, message, refused}. */
export async function send(entry) {
  const body = new URLSearchParams(entry.fields);
  let response;
  try {
    response = await fetch(entry.url, {
      method: "POST",
      body,
      headers: { Accept: "application/json", "X-CSRFToken": token() },
      signal: AbortSignal.timeout(15000),
    });
  } catch {
    return "offline";
  }
  if (response.status >= 500) return "offline";
  if ([403, 404].includes(response.status) && token()) return "withdrawn"; // 403 without a token is a lost cookie
  const isAnswer = (response.headers.get("Content-Type") || "").startsWith("application/json");
  return response.ok && isAnswer ? response.json() : "signin";
}
