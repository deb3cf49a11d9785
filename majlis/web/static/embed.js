// Puts a story's comments after its own script tag, in a shadow root. All else is the page's own module, majlis.js.
(() => {
  const script = document.currentScript;
  const NAME = "majlis-comments";

  class Comments extends HTMLElement {
    async connectedCallback() {
      if (this.shadowRoot) return;
      const root = this.attachShadow({ mode: "open" });
      const { src, ...asked } = this.dataset;
      asked.story ||= document.querySelector("link[rel=canonical]")?.href || location.href.split("#")[0];
      const query = new URLSearchParams({ title: document.title, ...asked });
      try {
        const answer = await fetch(`${src}/embed/thread?${query}`);
        if (!answer.ok) throw answer.status;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const section = page.querySelector("section");
        const { style, own, module } = section.dataset;
        await Promise.all([style, own].filter(Boolean).map((href) => sheet(root, href)));
        root.append(section);
        (await import(module)).enhance(section);
        const show = () => root.getElementById(location.hash.slice(1))?.scrollIntoView();
        addEventListener("hashchange", show);
        show();
      } catch {
        // The comments are still one link away.
        const link = document.createElement("a");
        link.href = `${src}/embed?${query}`;
        link.textContent = new URL(src).host;
        root.append(link);
      }
    }
  }

  const sheet = (root, href) =>
    new Promise((done) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = href;
      link.onload = link.onerror = done;
      root.append(link);
    });

  if (!customElements.get(NAME)) customElements.define(NAME, Comments);
  const place = document.createElement(NAME);
  Object.assign(place.dataset, script.dataset, { src: new URL(script.src).origin });
  script.after(place);
})();
