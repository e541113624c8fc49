// Keeps tickets readable without a network, and says so kindly for everything else.
// Only pages answered with X-Keep-Offline are kept; signing out forgets them.
"use strict";
const SHELL = "shell-1", TICKETS = "tickets", OFFLINE = "/luring/";

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(SHELL);
    const page = await fetch(OFFLINE);
    await keepAssets(page.clone());
    await cache.put(OFFLINE, page);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== SHELL && name !== TICKETS) await caches.delete(name);
    await self.clients.claim();
  })());
});

// What a page is drawn with: after an upgrade a kept ticket names other files than the offline page did.
async function keepAssets(answer) {
  const names = [...(await answer.text()).matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((hit) => hit[1]);
  const cache = await caches.open(SHELL);
  for (const name of new Set(names)) if (!(await cache.match(name))) await cache.add(name);
}

async function page(request) {
  const tickets = await caches.open(TICKETS);
  try {
    const answer = await fetch(request);
    if (request.method === "GET" && answer.ok && answer.headers.get("X-Keep-Offline")) {
      await tickets.put(request.url, answer.clone());
      keepAssets(answer.clone()).catch(() => {});
    }
    if (request.method === "POST" && /\/logout\/$/.test(new URL(request.url).pathname)) await caches.delete(TICKETS);
    return answer;
  } catch (error) {
    return (await tickets.match(request.url)) || (await caches.match(OFFLINE)) || Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(page(event.request));
  else if (url.pathname.startsWith("/static/")) {
    event.respondWith(fetch(event.request).catch(async () => (await caches.match(event.request)) || Response.error()));
  }
});
