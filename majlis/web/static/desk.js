// The keyboard of the desk: a key does what the control with that aria-keyshortcuts does. It sends nothing by itself.

const OFF = "majlis-desk-keys-off";
const dialog = document.getElementById("keys");
const help = document.getElementById("help");
const choice = document.getElementById("keys-on");

function on() {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
}

function choose(wanted) {
  try {
    if (wanted) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

function typing(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target.matches("input") && !target.matches("[type=checkbox], [type=radio], [type=button], [type=submit]");
}

function control(key) {
  for (const found of document.querySelectorAll("[aria-keyshortcuts]")) {
    if (found.getAttribute("aria-keyshortcuts") === key && !found.disabled && !found.hidden) return found;
  }
  return null;
}

function walk(by) {
  const doors = [...document.querySelectorAll(".item .open")];
  if (!doors.length) return false;
  const here = document.activeElement?.closest?.(".item");
  const place = doors.findIndex((door) => door.closest(".item") === here);
  const next = place < 0 ? (by > 0 ? 0 : doors.length - 1) : Math.min(doors.length - 1, Math.max(0, place + by));
  doors[next].focus({ preventScroll: true });
  doors[next].closest(".item").scrollIntoView({ block: "nearest" });
  return true;
}

function act(key) {
  if ((key === "j" || key === "k") && walk(key === "j" ? 1 : -1)) return true;
  if (key === "o") {
    const door = document.activeElement?.closest?.(".item")?.querySelector(".open");
    if (door) {
      door.click();
      return true;
    }
  }
  const found = control(key);
  if (!found) return false;
  if (found.matches("textarea, input:not([type=checkbox])")) {
    found.focus();
    found.select?.();
  } else {
    if (found.matches("[type=checkbox]")) found.focus();
    found.click();
  }
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat && !"jk".includes(event.key)) return;
  if (event.key === "Escape" && typing(event.target)) {
    event.target.blur();
    return;
  }
  if (dialog?.open || typing(event.target) || (!on() && event.key !== "?")) return;
  if (act(event.key.length === 1 ? event.key.toLowerCase() : event.key)) event.preventDefault();
});

if (dialog && help) {
  help.hidden = false;
  help.addEventListener("click", () => {
    choice.checked = on();
    dialog.showModal();
  });
  choice.addEventListener("change", () => choose(choice.checked));
}

for (const menu of document.querySelectorAll("details.me")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}
