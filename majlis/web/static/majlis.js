// A thread that works without this file, made quicker: nothing reloads, and new comments appear by themselves.
// It adds to the server's HTML and holds no text of its own.

const STALE = 15 * 60 * 1000;
const BATCH = 100;
const encoder = new TextEncoder();

/** Find the number of an altcha challenge, letting the page breathe between batches. */
async function solve({ algorithm, challenge, maxnumber, salt, signature }) {
  const wanted = Uint8Array.from(challenge.match(/../g), (pair) => parseInt(pair, 16));
  for (let from = 0; from <= maxnumber; from += BATCH) {
    const hashes = await Promise.all(
      Array.from({ length: BATCH }, (_, i) => crypto.subtle.digest(algorithm, encoder.encode(salt + (from + i)))),
    );
    const at = hashes.findIndex((hash) => new Uint8Array(hash).every((byte, i) => byte === wanted[i]));
    if (at >= 0) return btoa(JSON.stringify({ algorithm, challenge, number: from + at, salt, signature }));
    await new Promise((next) => setTimeout(next));
  }
  return "";
}

const stored = (name, value) => {
  try {
    if (value !== undefined) localStorage.setItem(name, value);
    return localStorage.getItem(name);
  } catch {
    return null; // Storage is switched off; a like then counts, but is not remembered.
  }
};

/** Return what tells this browser from others where cookies do not reach: a random number of its own. */
let self;
const reader = () =>
  (self ??= stored("majlis.reader") ||
    stored("majlis.reader", String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24)).map((b) => 97 + (b % 26)))) ||
    String(Math.random()));
const liked = () => new Set((stored("majlis.liked") || "").split(".").filter(Boolean));

/** Make one thread live. */
export function enhance(section) {
  const { dataset } = section;
  const embedded = dataset.view === "embed";
  const live = (name, within = section) => within.querySelector(`[data-live=${name}]`);
  const item = (id) => section.querySelector(`li[data-id="${id}"]`);
  const say = (text) => (live("say").textContent = text);
  const form = () => section.querySelector("[data-comment]");
  let work, workSince, replied;

  async function part(url, name, fields) {
    const answer = await fetch(url, { method: fields ? "POST" : "GET", body: fields, headers: { "x-majlis-part": name } });
    if (!(answer.headers.get("content-type") || "").startsWith("text/html")) throw new Error(answer.status);
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  function proof() {
    if (!work || Date.now() - workSince > STALE) {
      workSince = Date.now();
      work = crypto.subtle
        ? fetch(dataset.challenge).then((answer) => answer.json()).then(solve).catch(() => "")
        : Promise.resolve("");
    }
    return work;
  }

  async function send(sent) {
    const button = sent.querySelector(".main");
    const words = button.textContent;
    if (button.ariaDisabled) return;
    button.ariaDisabled = "true";
    button.textContent = button.dataset.busy;
    try {
      sent.elements.proof.value = await proof();
      const fresh = live("form", await part(sent.action, "form", new URLSearchParams(new FormData(sent))));
      const outcome = fresh.querySelector("[data-outcome]");
      if (!outcome) {
        sent.replaceWith(fresh.querySelector("[data-comment]"));
        section.querySelector("[data-summary]").focus();
        return;
      }
      section.querySelectorAll("[data-outcome]").forEach((old) => old.remove());
      if (!live("form").contains(sent)) sent.replaceWith(outcome);
      live("form").replaceWith(fresh);
      outcome.focus();
      if (outcome.querySelector("[data-own]")) refresh();
    } catch {
      const summary = sent.querySelector("[data-summary]");
      summary.textContent = dataset.wrong;
      summary.hidden = false;
      summary.focus();
    } finally {
      work = null;
      button.ariaDisabled = null;
      button.textContent = words;
    }
  }

  function reply(link) {
    const moved = form();
    replied = link;
    aim(moved, link.dataset.reply, link.ariaLabel);
    link.closest("article").after(moved);
    moved.elements.body.focus();
  }

  function home() {
    const moved = form();
    if (!moved) return;
    aim(moved, "", moved.querySelector("[data-title]").dataset.title);
    live("form").append(moved);
  }

  function aim(moved, parent, title) {
    moved.elements.parent.value = parent;
    moved.querySelector("[data-title]").textContent = title;
    moved.querySelector("[data-cancel]").hidden = !parent;
    moved.querySelector(".answered")?.remove();
  }

  async function like(sent, button) {
    const fields = new URLSearchParams(new FormData(sent));
    const { id } = sent.closest("li").dataset;
    fields.set("liked", button.value);
    if (embedded) {
      fields.set("reader", reader());
      const ids = liked();
      button.value === "yes" ? ids.add(id) : ids.delete(id);
      stored("majlis.liked", [...ids].slice(-200).join("."));
    }
    const fresh = (await part(sent.action, "like", fields)).querySelector("form");
    sent.replaceWith(fresh);
    fresh.querySelector("button").focus();
  }

  function remember() {
    if (!embedded) return;
    for (const id of liked()) {
      const button = item(id)?.querySelector(".like button");
      if (!button) continue;
      button.value = "no";
      button.ariaPressed = "true";
    }
  }

  async function report(link) {
    const article = link.closest("article");
    if (article.nextElementSibling.matches(".report-form")) return article.nextElementSibling.remove();
    article.after((await part(link.href, "report")).querySelector(".report-form"));
    article.nextElementSibling.elements.clause.focus();
  }

  async function sendReport(sent) {
    const fields = new URLSearchParams(new FormData(sent));
    if (embedded) fields.set("reader", reader());
    const fresh = (await part(sent.action, "report", fields)).body.firstElementChild;
    sent.replaceWith(fresh);
    (fresh.elements?.clause || fresh).focus();
  }

  async function turn(link) {
    const fresh = (await part(link.href, "thread")).querySelector("section");
    home();
    dataset.src = fresh.dataset.src;
    section.toggleAttribute("data-part", fresh.hasAttribute("data-part"));
    live("thread").replaceWith(live("thread", fresh));
    remember();
    live("thread").querySelector("[aria-current]")?.focus();
    if (dataset.view === "page") history.replaceState(null, "", link.href);
  }

  async function more(link) {
    const fresh = (await part(link.href, "thread")).querySelector("section");
    let first;
    for (const next of live("list", fresh).querySelectorAll(":scope > li")) {
      if (item(next.dataset.id)) continue;
      (item(next.dataset.parent)?.querySelector(".replies") || live("list")).append(next);
      first ??= next;
    }
    const following = live("more", fresh);
    following ? live("more").replaceWith(following) : live("more").remove();
    remember();
    first?.querySelector(".when").focus();
  }

  /** Bring in what is new. What somebody types or reads stays where it is on the screen. */
  async function refresh() {
    const fresh = (await part(dataset.src, "thread")).querySelector("section");
    dataset.revision = fresh.dataset.revision;
    live("count").textContent = live("count", fresh).textContent;
    if ("part" in dataset) return;
    const list = live("list");
    if (!list) {
      live("thread").replaceWith(live("thread", fresh));
      if (live("list")) say(dataset.new);
      return;
    }
    const kept = anchor(list);
    const top = kept?.getBoundingClientRect().top;
    const added = merge(list, fresh);
    remember();
    if (kept?.isConnected) scrollBy({ top: kept.getBoundingClientRect().top - top, behavior: "instant" });
    if (added) say(dataset.new);
  }

  function anchor(list) {
    const focused = section.getRootNode().activeElement;
    if (focused && section.contains(focused)) return focused;
    if (list.getBoundingClientRect().top >= 0) return null;
    return [...list.querySelectorAll("article")].find((article) => article.getBoundingClientRect().bottom > 0);
  }

  function merge(list, fresh) {
    let added = 0;
    for (const next of fresh.querySelectorAll("li[data-id]")) {
      const old = item(next.dataset.id);
      if (old) {
        const button = old.querySelector(".like");
        if (!button.matches(":focus-within")) button.replaceWith(next.querySelector(".like").cloneNode(true));
        continue;
      }
      const above = next.parentElement.closest("li[data-id]");
      const place = above ? item(above.dataset.id).querySelector(".replies") : list;
      const before = next.previousElementSibling && item(next.previousElementSibling.dataset.id);
      const shown = next.cloneNode(true);
      before && before.parentElement === place ? before.after(shown) : place.prepend(shown);
      shown.classList.add("new");
      added += 1;
    }
    if (!live("more", fresh)) {
      for (const old of list.querySelectorAll("li[data-id]")) {
        if (fresh.querySelector(`li[data-id="${old.dataset.id}"]`) || !old.isConnected) continue;
        if (old.contains(form())) home();
        old.remove();
      }
    }
    return added;
  }

  section.addEventListener("focusin", (event) => event.target.closest("[data-comment]") && proof());

  section.addEventListener("submit", (event) => {
    const sent = event.target;
    const act = sent.matches("[data-comment]") ? send : sent.matches("[data-like]") ? like : sent.matches("[data-report-form]") && sendReport;
    if (!act) return;
    event.preventDefault();
    act(sent, event.submitter || sent.querySelector("button")).catch(() => say(dataset.wrong));
  });

  section.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const go = { reply, report, get: turn, more };
    const name = Object.keys(go).find((key) => key in link.dataset);
    if (name) Promise.resolve(go[name](link)).catch(() => location.assign(link.href));
    else if ("cancel" in link.dataset) {
      home();
      (replied?.isConnected ? replied : form().elements.body).focus();
    } else if ("close" in link.dataset) {
      const back = link.closest("li").querySelector("[data-report]");
      link.closest("form").remove();
      back.focus();
    } else return;
    event.preventDefault();
  });

  let source, waiting;
  const watch = () => {
    source?.close();
    source = document.hidden ? null : new EventSource(dataset.events);
    source?.addEventListener("revision", ({ data }) => {
      if (data === dataset.revision) return;
      clearTimeout(waiting);
      // Readers do not all ask in the same instant.
      waiting = setTimeout(() => refresh().catch(() => {}), Math.random() * 400);
    });
  };
  document.addEventListener("visibilitychange", watch);
  watch();
  remember();
  section.querySelector("[data-summary][autofocus], [data-outcome]")?.focus();
}

const here = document.querySelector("section.majlis");
if (here) enhance(here);
