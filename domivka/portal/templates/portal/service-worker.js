// Keeps the shell of the app and the last readings page on the device, so that readings can be typed in a cellar.
const VERSION = "{{ version }}";
const SHELL = `shell-${VERSION}`;
const PAGES = "pages";
const OFFLINE = "{% url 'portal:offline' %}";
const FILES = [{% for file in files %}"{{ file }}", {% endfor %}OFFLINE];
const KEPT = /^\/homes\/\d+\/readings\/$/;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const drop = (names) => Promise.all(names.filter((name) => name !== SHELL && name !== PAGES).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(drop).then(() => self.clients.claim()));
});

async function page(request, url) {
  try {
    const response = await fetch(request);
    if (response.ok && !response.redirected && KEPT.test(url.pathname)) {
      (await caches.open(PAGES)).put(url.pathname, response.clone());
    }
    // A home that is not the person's to see any more leaves the device.
    if (response.status === 403 || response.status === 404) await (await caches.open(PAGES)).delete(url.pathname);
    return response;
  } catch {
    return (await caches.match(url.pathname)) || (await caches.match(OFFLINE));
  }
}

async function file(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request, { ignoreSearch: true })) || Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  // Whoever signs out leaves nothing of the home on the device.
  if (event.request.method === "POST" && url.pathname.startsWith("/accounts/logout")) event.waitUntil(caches.delete(PAGES));
  if (event.request.method !== "GET") return;
  if (event.request.mode === "navigate") event.respondWith(page(event.request, url));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(event.request));
});
