// The project's secret key: in memory, in this tab's storage, or just now in the address.

"use strict";

const STORED_AS = "tracekeep.key";

let key = "";

/** Storage may be switched off: then the key lives as long as the page. */
function remember(value) {
  key = value;
  try {
    if (value) sessionStorage.setItem(STORED_AS, value);
    else sessionStorage.removeItem(STORED_AS);
  } catch {
    // Kept in memory only.
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(STORED_AS) || "";
  } catch {
    return "";
  }
}

/** Takes `#key=…` out of the address, so that it is not copied or bookmarked with it. */
function keyOfAddress() {
  if (!location.hash.startsWith("#key=")) return "";
  const sent = location.hash.slice("#key=".length);
  history.replaceState(null, "", location.pathname + location.search);
  try {
    return decodeURIComponent(sent).trim();
  } catch {
    return sent.trim();
  }
}
