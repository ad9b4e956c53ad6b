//! Finds the fields of a form.

use std::ops::Range;

use memchr::memmem;

use super::Field;
use crate::chat::Unreadable;

/// Fields of a form, and bytes of the headers of one, at most.
const MOST_FIELDS: usize = 1_000;
const MOST_HEADERS: usize = 16 << 10;
/// Bytes of the headers of all fields: names are kept.
const MOST_OF_ALL_HEADERS: usize = 256 << 10;
/// RFC 2046, section 5.1.1.
const LONGEST_BOUNDARY: usize = 70;

/// The fields of a form, in order; `content_type` is the request's.
///
/// # Errors
/// The content type is no form's or names no boundary, or the body is cut off or not of that form.
pub fn read(content_type: &str, body: &[u8]) -> Result<Vec<Field>, Unreadable> {
    let boundary = boundary(content_type)?;
    let line = format!("\r\n--{boundary}");
    let finder = memmem::Finder::new(line.as_bytes());
    // The first one has no line before it, unless there is a preamble.
    let mut at = if body.starts_with(&line.as_bytes()[2..]) {
        line.len() - 2
    } else {
        finder.find(body).ok_or_else(|| wrong("does not hold the boundary of its content type"))?
            + line.len()
    };
    let mut fields = Vec::new();
    let mut bytes_of_headers = 0;
    loop {
        let rest = &body[at..];
        if rest.starts_with(b"--") {
            return Ok(fields);
        }
        // Senders may pad the line with spaces.
        let padding = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if !rest[padding..].starts_with(b"\r\n") {
            return Err(wrong("is cut off, or goes on behind a boundary"));
        }
        if fields.len() == MOST_FIELDS {
            return Err(wrong(&format!("has more than {MOST_FIELDS} fields")));
        }
        at += padding + 2;
        let (headers, value_at) = headers(body, at)?;
        bytes_of_headers += headers.len();
        if bytes_of_headers > MOST_OF_ALL_HEADERS {
            return Err(wrong("has fields whose headers are longer than 256 KiB together"));
        }
        let end = finder.find(&body[value_at..]).ok_or_else(|| wrong("is cut off"))? + value_at;
        fields.push(field(&body[headers], value_at..end)?);
        at = end + line.len();
    }
}

fn wrong(reason: &str) -> Unreadable {
    Unreadable::new("body", reason)
}

/// Where the headers of a field are that begins at `at`, and where its value begins.
fn headers(body: &[u8], at: usize) -> Result<(Range<usize>, usize), Unreadable> {
    let rest = &body[at..];
    if rest.starts_with(b"\r\n") {
        return Ok((at..at, at + 2));
    }
    let searched = &rest[..rest.len().min(MOST_HEADERS)];
    let length = memmem::find(searched, b"\r\n\r\n").ok_or_else(|| {
        wrong("is cut off within the headers of a field, or they are longer than 16 KiB")
    })?;
    Ok((at..at + length, at + length + 4))
}

fn field(headers: &[u8], value: Range<usize>) -> Result<Field, Unreadable> {
    let headers = String::from_utf8_lossy(headers);
    let header = |wanted: &str| {
        headers.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case(wanted).then_some(value.trim())
        })
    };
    let disposition = header("content-disposition").unwrap_or_default();
    let name = parameter(disposition, "name");
    let name = name.ok_or_else(|| wrong("has a field without a name"))?;
    let file = parameter(disposition, "filename").or_else(|| parameter(disposition, "filename*"));
    Ok(Field { name, file, kind: header("content-type").map(str::to_owned), value })
}

fn boundary(content_type: &str) -> Result<String, Unreadable> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("multipart/form-data") {
        let kind: String = kind.chars().take(100).collect();
        let reason = format!("must be a form (multipart/form-data); its content type is `{kind}`");
        return Err(wrong(&reason));
    }
    parameter(content_type, "boundary")
        .filter(|boundary| (1..=LONGEST_BOUNDARY).contains(&boundary.len()))
        .ok_or_else(|| wrong("is a form whose content type names no boundary of 1 to 70 bytes"))
}

/// A parameter of a header's value: what stands behind its first `;`.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut rest = header.split_once(';')?.1;
    loop {
        let (name, value) = rest.split_once('=')?;
        let (value, left) = match value.trim_start().strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let (value, left) = value.split_once(';').unwrap_or((value, ""));
                (value.trim().to_owned(), left)
            }
        };
        let name = name.rsplit(';').next().unwrap_or(name).trim();
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = left;
    }
}

/// A quoted text, and what stands behind it. Only quotes and backslashes are escaped: browsers of before
/// sent the paths of Windows as they are.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match characters.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                Some((_, escaped)) => value.push(escaped),
                None => value.push('\\'),
            },
            _ => value.push(character),
        }
    }
    None
}
