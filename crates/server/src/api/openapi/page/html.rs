//! Text as HTML, and the little Markdown that descriptions use.

/// Text that stands for itself.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
    out
}

/// Paragraphs, headings of the second level, lists, and code. `link` gives code that names
/// something on the page the place to lead to.
pub(super) fn markdown(text: &str, link: &dyn Fn(&str) -> Option<String>) -> String {
    let blocks = text.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    let mut out = String::new();
    for block in blocks {
        if let Some(heading) = block.strip_prefix("## ") {
            out += &format!("<h2>{}</h2>\n", inline(heading, link));
        } else if let Some(list) = block.strip_prefix("- ") {
            let items = list.split("\n- ").map(|item| inline(item, link));
            let items: Vec<String> = items.map(|item| format!("<li>{item}</li>")).collect();
            out += &format!("<ul>{}</ul>\n", items.join("\n"));
        } else {
            out += &format!("<p>{}</p>\n", inline(block, link));
        }
    }
    out
}

/// One line of it: text and code.
pub(super) fn inline(text: &str, link: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    // Every second part lies between backticks.
    for (number, part) in text.split('`').enumerate() {
        let escaped = escape(part);
        if number % 2 == 0 {
            out += &escaped;
        } else if let Some(place) = link(part) {
            out += &format!("<a href=\"{}\"><code>{escaped}</code></a>", escape(&place));
        } else {
            out += &format!("<code>{escaped}</code>");
        }
    }
    out
}
