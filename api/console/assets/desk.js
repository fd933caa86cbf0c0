// The desk's own script: clocks count on between messages, keys act, alerts sound once they were asked for.
(() => {
  const KEPT = "livecrew_desk_alerts";
  const seen = new WeakMap();
  const wanted = () => localStorage.getItem(KEPT) === "on";
  let audio = null;

  const clock = (seconds) => {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 3600) return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
    return `${Math.floor(s / 3600)}h${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}`;
  };

  // What the service told is true at the moment it was shown; from there this page's own clock runs.
  const elapsed = (node) => {
    if (!seen.has(node)) seen.set(node, performance.now());
    return (performance.now() - seen.get(node)) / 1000;
  };

  const tick = () => {
    for (const node of document.querySelectorAll("[data-age]")) node.textContent = clock(Number(node.dataset.age) + elapsed(node));
    for (const node of document.querySelectorAll("[data-left]")) {
      const left = Number(node.dataset.left) - elapsed(node);
      const level = left <= 0 ? "breached" : left <= 0.3 * Number(node.dataset.target) ? "warned" : "ok";
      const { name, over, remains } = node.dataset;
      node.textContent = `${name} ${left <= 0 ? over : remains} ${clock(Math.abs(left))}`;
      for (const one of [node, node.closest(".lc-item")]) {
        one?.classList.remove("ok", "warned", "breached");
        one?.classList.add(level);
      }
    }
  };

  const rows = () => [...document.querySelectorAll(".lc-queue [role=option]")];
  const chosen = () => rows().find((row) => row.getAttribute("aria-selected") === "true");

  const point = () => document.querySelector(".lc-queue")?.setAttribute("aria-activedescendant", chosen()?.id ?? "");

  const act = (name, more = {}) => window.emitEvent("desk", { act: name, ...more });

  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const now = all.indexOf(chosen());
    const next = all[Math.min(Math.max(now + step, 0), all.length - 1)];
    for (const row of all) row.setAttribute("aria-selected", String(row === next));
    next.scrollIntoView({ block: "nearest" });
    point();
    act("open", { id: next.dataset.id });
  };

  const KEYS = {
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: (event) => inList(event) && move(1),
    ArrowUp: (event) => inList(event) && move(-1),
    c: () => act("claim"),
    e: () => act("escalate"),
    n: () => act("note"),
    r: () => document.querySelector(".lc-composer-input")?.focus(),
    "?": () => act("help"),
    Escape: () => act("back"),
  };
  const inList = (event) => Boolean(event.target.closest?.(".lc-queue"));

  document.addEventListener("keydown", (event) => {
    if (!document.querySelector(".lc-desk") || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if ([...document.querySelectorAll(".q-dialog__inner, .q-menu")].some((one) => one.checkVisibility())) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable], [role=combobox]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const does = KEYS[event.key];
    if (!does || (event.key.startsWith("Arrow") && !inList(event))) return;
    event.preventDefault();
    does(event);
  });

  const beep = (tone) => {
    if (!audio || audio.state !== "running") return;
    const notes = tone === "warn" ? [880, 660, 880] : [660, 880];
    notes.forEach((pitch, n) => {
      const from = audio.currentTime + n * 0.16;
      const [voice, loud] = [audio.createOscillator(), audio.createGain()];
      voice.frequency.value = pitch;
      loud.gain.setValueAtTime(0.0001, from);
      loud.gain.exponentialRampToValueAtTime(0.12, from + 0.02);
      loud.gain.exponentialRampToValueAtTime(0.0001, from + 0.14);
      voice.connect(loud).connect(audio.destination);
      voice.start(from);
      voice.stop(from + 0.15);
    });
  };

  const show = (button) => {
    if (!button) return;
    button.setAttribute("aria-pressed", String(wanted()));
    button.classList.toggle("on", wanted());
    const icon = button.querySelector(".q-icon");
    if (icon) icon.textContent = wanted() ? "notifications_active" : "notifications_off";
  };

  // Browsers let a page sound only after a click; one on a later visit is as good.
  const wake = () => {
    if (!wanted()) return;
    audio ??= new AudioContext();
    audio.resume();
  };
  document.addEventListener("pointerdown", wake);
  document.addEventListener("keydown", wake);

  window.livecrewDesk = {
    async optIn(button) {
      localStorage.setItem(KEPT, wanted() ? "off" : "on");
      show(button);
      wake();
      if (!wanted()) return;
      if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
      beep("new");
    },
    alert({ tone, title, body }) {
      if (!wanted()) return;
      beep(tone);
      if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
      const note = new Notification(title, { body, tag: `livecrew-${tone}` });
      note.onclick = () => {
        window.focus();
        note.close();
      };
    },
  };

  // The newest words stay in sight, unless somebody reads further up.
  let atEnd = true;
  const follow = (thread) => {
    if (!thread || seen.has(thread)) return;
    seen.set(thread, performance.now());
    thread.addEventListener("scroll", () => (atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80));
    new MutationObserver(() => {
      if (!thread.childElementCount) atEnd = true;
      if (atEnd) thread.scrollTop = thread.scrollHeight;
    }).observe(thread, { childList: true, subtree: true });
    const toEnd = () => atEnd && (thread.scrollTop = thread.scrollHeight);
    thread.addEventListener("load", toEnd, true); // a picture has grown
    new ResizeObserver(toEnd).observe(thread); // the composer has come or gone
    thread.scrollTop = thread.scrollHeight;
  };

  const look = () => {
    tick();
    point();
    show(document.querySelector(".lc-opt-in"));
    follow(document.querySelector(".lc-desk-thread"));
  };
  new MutationObserver(() => requestAnimationFrame(look)).observe(document.documentElement, { childList: true, subtree: true });
  setInterval(tick, 1000);
})();
