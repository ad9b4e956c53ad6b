//! `--print-config`: every setting, as a file that gives the same settings.

use std::ffi::OsString;

use crate::config::init;
use crate::config::kind::MASK;
use crate::config::layers::{Chosen, Loaded};
use crate::config::providers::Line;

/// The settings as a file of settings; what cannot stand in one is a comment.
pub(super) fn print(loaded: &Loaded, variables: &[(OsString, OsString)]) -> String {
    let mut lines = vec![comment("Tracekeep's settings, as a file for --config.")];
    if let Some(file) = &loaded.file {
        lines.push(comment(&format!("The file that was read: {}", file.display())));
    }
    let mut section = "";
    for chosen in &loaded.chosen {
        if chosen.setting.section() != section {
            section = chosen.setting.section();
            lines.extend([String::new(), format!("[{section}]")]);
        }
        lines.extend(setting(chosen));
    }
    for described in &loaded.providers {
        lines.push(String::new());
        lines.extend(described.lines.iter().map(|line| match line {
            Line::Value(text) => text.clone(),
            Line::Comment(text) => comment(text),
        }));
    }
    let init = init::shown(variables);
    if !init.is_empty() {
        lines.extend([String::new(), comment("The first project, from the environment alone:")]);
        lines.extend(init.iter().map(|(name, value)| comment(&format!("{name} = {value}"))));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn setting(chosen: &Chosen) -> [String; 3] {
    let setting = chosen.setting;
    let about = format!("{} It takes {}.", setting.about, setting.kind.expected());
    let origin = format!(
        "From {}. Flag --{}, variable {}, default {}.",
        chosen.origin(),
        setting.flag,
        setting.variable,
        setting.shown_default()
    );
    let value = format!("{} = {}", setting.key(), chosen.value);
    let is_masked = setting.kind.is_secret() && chosen.value == MASK;
    [comment(&about), comment(&origin), if is_masked { comment(&value) } else { value }]
}

/// A comment ends with its line, whatever a path or a value holds.
fn comment(text: &str) -> String {
    format!("# {}", text.replace(char::is_control, " "))
}
