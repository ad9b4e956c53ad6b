// The first page: asks for a key, then shows the newest traces every two seconds.
//
// Whatever comes from the server was written by somebody else: it reaches the page as text only.
// What `format.js` and `key.js` declare stands before this file in the script that the browser gets.

const EVERY_MS = 2000;
const TIMEOUT_MS = 8000;
const ROWS = 25;
const STATUSES = { success: "Success", error: "Error", pending: "Running" };

const byId = (id) => document.getElementById(id);

let timer = 0;
// Counts polls and keys: an answer to any but the latest is dropped.
let generation = 0;
let hasData = false;

// --- the key ---------------------------------------------------------------

function askForKey(problem) {
  generation += 1;
  clearTimeout(timer);
  remember("");
  hasData = false;
  byId("data").hidden = true;
  byId("forget").hidden = true;
  byId("key-form").hidden = false;
  byId("key").setAttribute("aria-invalid", problem ? "true" : "false");
  byId("key-problem").textContent = problem;
  byId("key-problem").hidden = !problem;
  say("Waiting for a key");
}

function useKey(value) {
  generation += 1;
  clearTimeout(timer);
  remember(value);
  hasData = false;
  byId("key").value = "";
  byId("key-form").hidden = true;
  byId("data").hidden = true;
  byId("forget").hidden = false;
  say("Loading…");
  poll();
}

// --- asking the server -----------------------------------------------------

async function poll() {
  generation += 1;
  const mine = generation;
  clearTimeout(timer);
  const answer = await ask();
  if (mine !== generation) return;
  if (answer.refused) {
    askForKey(answer.refused);
    byId("key").focus();
    return;
  }
  if (answer.live) show(answer.live);
  else showTrouble(answer.problem);
  if (!document.hidden) timer = setTimeout(poll, EVERY_MS);
}

/** One of `live`, `refused` (the key is no good) and `problem` (it may work later). */
async function ask() {
  let response;
  try {
    response = await fetch(`/api/tracing/live?limit=${ROWS}`, {
      headers: { Authorization: `Bearer ${key}`, Accept: "application/json" },
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    if (error.name === "TimeoutError") return { problem: "The server does not answer in time" };
    if (!isHeaderValue(key)) return { refused: "This key holds characters that no key has. Please copy it again." };
    return { problem: "Offline: the server cannot be reached" };
  }
  let body = null;
  try {
    body = await response.json();
  } catch {
    // Judged below: an answer without JSON has no live figures and no message.
  }
  const said = body && body.error && typeof body.error.message === "string" ? body.error.message : "";
  if (response.status === 401) {
    return { refused: "The server does not accept this key (401). It may be mistyped, deleted or of another server." };
  }
  if (response.status === 403) {
    return { refused: `This key may not read traces (403). Please use a secret key. ${said}` };
  }
  if (!response.ok) return { problem: `The server answers ${response.status}. ${said}`.trim() };
  if (!body || !Array.isArray(body.traces)) return { problem: "The server's answer cannot be read" };
  return { live: body };
}

/** What `fetch` can send; anything else fails before it is sent. */
function isHeaderValue(text) {
  return /^[\x21-\x7e]+$/.test(text);
}

// --- showing ---------------------------------------------------------------

/** Said only when it changes, so that screen readers are not told every two seconds. */
function say(text, isProblem = false) {
  const state = byId("state");
  if (state.textContent !== text) state.textContent = text;
  state.classList.toggle("problem", isProblem);
}

function show(live) {
  hasData = true;
  say("Updated every two seconds");
  byId("data").hidden = false;
  byId("data").classList.remove("stale");
  const isEmpty = live.traces.length === 0;
  byId("active").textContent = count(live.active);
  byId("latency").textContent = isEmpty ? "–" : duration(live.avgLatency);
  byId("errors").textContent = isEmpty ? "–" : percent(live.errorRate);
  byId("throughput").textContent = decimal(live.throughput);
  byId("empty").hidden = !isEmpty;
  byId("rows").hidden = isEmpty;
  byId("traces").replaceChildren(...live.traces.slice(0, ROWS).map(row));
}

/** What was shown stays, greyed, and is said to be old. */
function showTrouble(problem) {
  say(hasData ? `${problem}. Shown is the last answer; trying again…` : `${problem}. Trying again…`, true);
  byId("data").classList.add("stale");
}

function row(trace) {
  const tokens = trace.tokens_used ? trace.tokens_used.total : null;
  const cost = trace.cost_calculation ? trace.cost_calculation.total_cost : null;
  const line = document.createElement("tr");
  line.append(
    statusCell(trace),
    startCell(trace.start_time),
    modelCell(trace.model_id || "–"),
    promptCell(trace.prompt_content),
    numberCell("Duration", trace.status === "pending" ? "…" : duration(trace.duration_ms)),
    numberCell("Tokens", count(tokens)),
    numberCell("Cost", dollars(cost)),
  );
  // A narrow page shows rows as cards: some browsers then forget that it is a table.
  line.setAttribute("role", "row");
  for (const part of line.cells) part.setAttribute("role", "cell");
  line.title = `Trace ${trace.trace_id}`;
  return line;
}

function cell(text, className = "") {
  const td = document.createElement("td");
  td.textContent = text;
  td.className = className;
  return td;
}

/** Whole on hover. */
function modelCell(name) {
  const td = cell(name, "model");
  td.title = name;
  return td;
}

/** `label` stands before it where there is no room for the table's head. */
function numberCell(label, text) {
  const td = cell(text, "number");
  td.dataset.label = label;
  return td;
}

function statusCell(trace) {
  const known = Object.hasOwn(STATUSES, trace.status);
  const label = document.createElement("span");
  label.className = known ? `status ${trace.status}` : "status";
  label.textContent = known ? STATUSES[trace.status] : String(trace.status);
  if (trace.error_message) label.title = shortened(String(trace.error_message));
  const td = cell("");
  td.append(label);
  return td;
}

/** In the viewer's time zone, with UTC on hover. */
function startCell(text) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return cell("–");
  const element = document.createElement("time");
  element.dateTime = time.toISOString();
  element.title = time.toISOString();
  element.textContent = time.toLocaleTimeString();
  const td = cell("", "started");
  td.append(element);
  return td;
}

/** In an element of its own, which can end after some lines as a cell cannot. */
function promptCell(content) {
  const text = document.createElement("div");
  text.textContent = shortened(asked(content)) || "–";
  text.dir = "auto";
  const td = cell("", "prompt");
  td.append(text);
  return td;
}

// --- the rest of the page --------------------------------------------------

async function copyExample() {
  const example = byId("example");
  try {
    await navigator.clipboard.writeText(example.textContent);
    byId("copied").textContent = "Copied";
  } catch {
    // Browsers allow it on localhost and over HTTPS only.
    getSelection().selectAllChildren(example);
    byId("copied").textContent = "Selected: press Ctrl+C or ⌘C";
  }
  setTimeout(() => {
    byId("copied").textContent = "";
  }, 4000);
}

function begin() {
  for (const place of document.querySelectorAll("[data-origin]")) place.textContent = location.origin;
  for (const place of document.querySelectorAll("[data-host]")) place.textContent = location.hostname;
  byId("copy").addEventListener("click", copyExample);
  byId("forget").addEventListener("click", () => {
    askForKey("");
    byId("key").focus();
  });
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const value = byId("key").value.trim();
    if (value) useKey(value);
  });
  addEventListener("hashchange", () => {
    const value = keyOfAddress();
    if (value) useKey(value);
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && key) poll();
  });
  const value = keyOfAddress() || remembered();
  if (value) useKey(value);
  else askForKey("");
}

begin();
