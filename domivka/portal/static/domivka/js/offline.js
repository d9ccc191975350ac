// The offline page leads to a readings page that is kept on the device, if there is one.
if ("caches" in window) {
  const kept = await (await caches.open("pages")).keys();
  const link = document.querySelector("[data-kept]");
  if (kept.length) {
    link.href = new URL(kept[0].url).pathname;
    link.hidden = false;
  }
}
