"use strict";

// Hides what does not hold all the words that are looked for, in the page and in its index.

const search = document.getElementById("search");
const found = document.getElementById("found");

const entries = Array.from(document.querySelectorAll("main article")).map((article) => ({
  article,
  link: document.querySelector(`nav a[href="#${CSS.escape(article.id)}"]`),
  text: `${article.id} ${article.textContent}`.toLowerCase(),
}));

function look() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { article, link, text } of entries) {
    const holds = words.every((word) => text.includes(word));
    article.hidden = !holds;
    if (link) link.parentElement.hidden = !holds;
    if (holds) count += 1;
  }
  for (const section of document.querySelectorAll("main section")) {
    section.hidden = !section.querySelector("article:not([hidden])");
  }
  for (const list of document.querySelectorAll("nav ul")) {
    const isEmpty = !list.querySelector("li:not([hidden])");
    list.hidden = isEmpty;
    list.previousElementSibling.hidden = isEmpty;
  }
  if (words.length === 0) found.textContent = "";
  else found.textContent = count === 0 ? "Nothing holds these words." : `${count} found`;
}

function clear() {
  search.value = "";
  look();
}

search.addEventListener("input", look);
search.addEventListener("keydown", (event) => {
  if (event.key === "Escape") clear();
  if (event.key === "Enter") {
    const first = entries.find(({ article }) => !article.hidden);
    if (first) location.hash = first.article.id;
  }
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  search.focus();
});

// A link to what is hidden shows all again.
addEventListener("hashchange", () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target || !target.closest("[hidden]")) return;
  clear();
  target.scrollIntoView();
});

if (location.protocol.startsWith("http")) {
  for (const place of document.querySelectorAll("[data-origin]")) place.textContent = location.origin;
}
document.getElementById("search-box").hidden = false;
