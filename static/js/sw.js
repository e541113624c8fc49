// Keeps tickets readable without a network. A kept ticket says how old it is, is refreshed whenever there is a network,
// and is listed on the offline page. Only pages answered with X-Keep-Offline are kept; signing out forgets them.
"use strict";
const SHELL = "shell-2", TICKETS = "tickets", OFFLINE = "/luring/";
const REFRESH_EVERY = 5000;
let signOuts = 0; // what was requested before a sign-out is not kept after it
let refreshedAt = 0;

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

async function keepTicket(url, answer, since) {
  if (!answer.ok || !answer.headers.get("X-Keep-Offline") || since !== signOuts) return;
  const assets = answer.clone();
  await (await caches.open(TICKETS)).put(url, answer);
  if (since !== signOuts) await caches.delete(TICKETS);
  await keepAssets(assets).catch(() => {});
}

// Fetches every kept ticket again. One that is no longer the reader's is forgotten; after an expired session it stays.
async function refreshTickets(current = "") {
  const since = signOuts, tickets = await caches.open(TICKETS);
  const urls = (await tickets.keys()).map(({ url }) => url).filter((url) => url !== current);
  if (!urls.length || Date.now() - refreshedAt < REFRESH_EVERY) return;
  refreshedAt = Date.now();
  for (const url of urls) {
    const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", redirect: "manual" }).catch(() => null);
    if (!answer) return;
    if (answer.status === 404) await tickets.delete(url);
    else await keepTicket(url, answer, since);
  }
}

function changed(answer, text) {
  const headers = new Headers(answer.headers);
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  return new Response(text, { status: answer.status, headers });
}

// The copy shows the time at which the server wrote it: a phone's own clock may be wrong.
async function keptTicket(url) {
  const kept = await (await caches.open(TICKETS)).match(url, { ignoreSearch: true });
  return kept && changed(kept, (await kept.text()).replace("data-saved-copy hidden", "data-saved-copy"));
}

async function offlinePage() {
  const page = await caches.match(OFFLINE);
  if (!page) return Response.error();
  const tickets = await caches.open(TICKETS), rows = [];
  for (const { url } of await tickets.keys()) {
    const text = await (await tickets.match(url)).text();
    const [, title] = text.match(/<title>([^<·]*)/) || [];
    const [, saved] = text.match(/data-saved-text>([^<]*)</) || [];
    if (title) rows.push(`<li><a href="${new URL(url).pathname}">${title.trim()}</a><br>${saved || ""}</li>`);
  }
  const list = rows.length ? `<ul class="list" data-saved-tickets>${rows.join("")}</ul>` : "";
  return changed(page, (await page.text()).replace("<ul data-saved-tickets hidden></ul>", list));
}

// A request can also fail while there is a network: then it is made once more, as a plain one.
async function again({ method, url }) {
  const reaches = await fetch("/healthz", { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (!reaches) return null;
  if (method !== "GET") return Response.redirect(url, 303);
  return fetch(url, { credentials: "same-origin", redirect: "manual" }).catch(() => Response.error());
}

async function page(event) {
  const { request } = event, since = signOuts;
  // Back to the answer of a form that nobody kept: its page again, not the form a second time.
  if (request.isHistoryNavigation && request.method !== "GET") return Response.redirect(request.url, 303);
  try {
    const answer = await fetch(request);
    if (request.method === "POST" && /\/logout\/$/.test(new URL(request.url).pathname)) {
      signOuts += 1;
      await caches.delete(TICKETS);
    } else if (request.method === "GET") {
      const isTicket = answer.ok && answer.headers.get("X-Keep-Offline");
      const kept = isTicket ? keepTicket(request.url, answer.clone(), since) : Promise.resolve();
      event.waitUntil(kept.then(() => refreshTickets(isTicket ? request.url : "")).catch(() => {}));
    }
    return answer;
  } catch {
    const ticket = request.method === "GET" && (await keptTicket(request.url));
    return (await again(request)) || ticket || offlinePage();
  }
}

self.addEventListener("message", (event) => {
  if (event.data === "online") event.waitUntil(refreshTickets().catch(() => {}));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(page(event));
  else if (url.pathname.startsWith("/static/")) {
    event.respondWith(fetch(event.request).catch(async () => (await caches.match(event.request)) || Response.error()));
  }
});
