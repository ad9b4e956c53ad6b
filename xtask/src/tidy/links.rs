//! Links between documents lead somewhere.

use std::path::Path;

use super::Report;

pub(super) fn check(root: &Path, path: &str, text: &str, report: &mut Report) {
    if !path.ends_with(".md") {
        return;
    }
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    for (number, target) in links(text) {
        let found = match target.strip_prefix('/') {
            Some(from_root) => root.join(from_root),
            None => root.join(folder).join(target),
        };
        if !found.exists() {
            report.errors.push(format!("{path}:{number}: {target} does not exist"));
        }
    }
}

/// Line number and file of each link to a file, outside code.
pub(super) fn links(text: &str) -> Vec<(usize, &str)> {
    let mut links = Vec::new();
    let mut fenced = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        // Every second part lies between backticks.
        for part in line.split('`').step_by(2) {
            let targets = part.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            links.extend(targets.filter_map(file).map(|target| (number, target)));
        }
    }
    links
}

/// The file that a link names, without title and section.
fn file(target: &str) -> Option<&str> {
    let target = target.trim().split(' ').next()?.trim_matches(['<', '>']);
    let file = target.split(['#', '?']).next()?;
    let elsewhere = target.contains("://") || target.starts_with("mailto:");
    (!file.is_empty() && !elsewhere).then_some(file)
}
