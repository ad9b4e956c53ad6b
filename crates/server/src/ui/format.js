// Values of the server as short text.

"use strict";

const LONGEST_PROMPT = 160;

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const wholeFormat = new Intl.NumberFormat();
const decimalFormat = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const dollarFormat = new Intl.NumberFormat(undefined, {
  style: "currency",
  currency: "USD",
  minimumFractionDigits: 2,
  maximumFractionDigits: 6,
});

const count = (value) => (isNumber(value) ? wholeFormat.format(value) : "–");
const decimal = (value) => (isNumber(value) ? decimalFormat.format(value) : "–");
const percent = (value) => (isNumber(value) ? `${decimalFormat.format(value)} %` : "–");

/** Costs are exact on the server; a cell shows micro-dollars. */
function dollars(value) {
  const number = typeof value === "string" ? Number(value) : value;
  return isNumber(number) ? dollarFormat.format(number) : "–";
}

function duration(millis) {
  if (!isNumber(millis)) return "–";
  if (millis < 1000) return `${wholeFormat.format(Math.round(millis))} ms`;
  if (millis < 60000) return `${decimalFormat.format(millis / 1000)} s`;
  return `${decimalFormat.format(millis / 60000)} min`;
}

/** Of chat messages the last that the user said; else the text itself. */
function asked(content) {
  if (typeof content !== "string") return "";
  if (!content.trimStart().startsWith("[")) return content;
  try {
    const messages = JSON.parse(content);
    const last = messages.findLast((message) => message && message.role === "user") || messages.at(-1);
    return words(last) || content;
  } catch {
    return content;
  }
}

function words(message) {
  if (!message) return "";
  if (typeof message.content === "string") return message.content;
  const parts = message.parts || message.content;
  if (!Array.isArray(parts)) return "";
  return parts.map((part) => (part && (part.content || part.text)) || "").filter((text) => typeof text === "string").join(" ");
}

function shortened(text) {
  const characters = Array.from(text.slice(0, 4 * LONGEST_PROMPT));
  if (characters.length <= LONGEST_PROMPT) return characters.join("");
  return `${characters.slice(0, LONGEST_PROMPT).join("")}…`;
}
