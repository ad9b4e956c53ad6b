//! The layers, laid over each other from the lowest: defaults, file, environment, flags.
//!
//! Every layer is checked whole: a value that cannot be used is a problem even where a later layer
//! covers it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use toml::de::DeValue;

use crate::config::problem::{Problem, Problems};
use crate::config::providers::{self, Described, Draft};
use crate::config::sections::{self, Setting};
use crate::config::{Config, file, foreign, kind};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The table of settings.
    Default,
    /// This file and line.
    File(String),
    /// The setting's variable.
    Variable,
    /// The setting's flag.
    Flag,
}

/// A setting's value, and where it comes from.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) setting: &'static Setting,
    /// As the file has it.
    pub(super) value: String,
    pub(super) origin: Origin,
}

/// What all layers together make.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) config: Config,
    /// In the order of the table.
    pub(super) chosen: Vec<Chosen>,
    /// Providers of models, those that cannot be used too.
    pub(super) providers: Vec<Described>,
    /// The file that was read.
    pub(super) file: Option<PathBuf>,
}

/// The layers so far.
pub(super) struct Layers {
    config: Config,
    chosen: Vec<Chosen>,
    drafts: Vec<Draft>,
    providers: Vec<Described>,
    file: Option<PathBuf>,
    problems: Vec<Problem>,
}

impl Layers {
    /// The defaults.
    pub(super) fn new() -> Self {
        let mut layers = Self {
            config: Config::blank(),
            chosen: Vec::new(),
            drafts: Vec::new(),
            providers: Vec::new(),
            file: None,
            problems: Vec::new(),
        };
        for setting in sections::all() {
            layers.text(setting, setting.default, Origin::Default);
        }
        layers
    }

    /// Something that is wrong with no value in particular.
    pub(super) fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// A file of settings.
    pub(super) fn file(&mut self, path: &Path, text: &str) {
        self.file = Some(path.to_owned());
        let place = |line: usize| format!("{}:{line}", path.display());
        let entries = match file::read(text) {
            Ok(entries) => entries,
            Err(faults) => {
                let problem = |f: file::Fault| Problem::new(place(f.line), f.message);
                self.problems.extend(faults.into_iter().map(problem));
                return;
            }
        };
        for file::Entry { line, key, value } in entries {
            if let Some(setting) = sections::all().find(|setting| setting.name == key) {
                let (text, shown) = (setting.kind.text(&value), file::shown(&value));
                self.take(setting, text.as_deref(), &shown, Origin::File(place(line)));
            } else if providers::is_named(&key) {
                match providers::read(text, &place, &value) {
                    Some((drafts, problems)) => {
                        self.drafts.extend(drafts);
                        self.problems.extend(problems);
                    }
                    None => self.problems.push(Problem::new(place(line), providers::NO_LIST)),
                }
            } else if !matches!(value, DeValue::Table(_)) {
                self.problems.push(Problem::key(&place(line), &key));
            } else if !sections::is_section(&key) {
                self.problems.push(Problem::section(&place(line), &key));
            }
        }
    }

    /// Environment variables, ours and others. An empty one is as good as none: that is how
    /// `docker compose` passes `${NAME:-}`.
    pub(super) fn variables(&mut self, variables: &[(OsString, OsString)]) {
        for (name, value) in variables {
            let Some(name) = name.to_str().filter(|name| name.starts_with("TRACEKEEP_")) else {
                continue;
            };
            let setting = sections::all().find(|setting| setting.variable == name);
            match (setting, value.to_str()) {
                (None, _) if foreign::is_foreign(name, value) => {}
                (None, _) => self.problems.push(Problem::variable(name)),
                (Some(_), Some("")) => {}
                (Some(setting), Some(text)) => self.text(setting, text, Origin::Variable),
                (Some(_), None) => {
                    self.problems.push(Problem::new("environment", format!("{name} is not UTF-8")));
                }
            }
        }
    }

    /// Makes the file's providers, which may name variables of the environment, and those that the
    /// environment has by itself.
    pub(super) fn providers(&mut self, variables: &[(OsString, OsString)]) {
        let drafts = std::mem::take(&mut self.drafts);
        let (described, problems) = providers::make(drafts, variables);
        self.problems.extend(problems);
        let usable = described.iter().filter_map(|described| described.made.as_ref().ok());
        self.config.providers = usable.cloned().collect();
        self.providers = described;
    }

    /// Flags and their texts.
    pub(super) fn flags(&mut self, flags: &[(&'static str, String)]) {
        for (flag, text) in flags {
            if let Some(setting) = sections::all().find(|setting| setting.flag == *flag) {
                self.text(setting, text, Origin::Flag);
            }
        }
    }

    /// What came of it.
    pub(super) fn finish(self) -> Result<Loaded, Problems> {
        let Self { config, chosen, drafts: _, providers, file, problems } = self;
        if problems.is_empty() {
            Ok(Loaded { config, chosen, providers, file })
        } else {
            Err(Problems(problems))
        }
    }

    fn text(&mut self, setting: &'static Setting, text: &str, origin: Origin) {
        self.take(setting, Some(text), &kind::quoted(text), origin);
    }

    /// No text is a value of a type that the setting has no use for.
    fn take(&mut self, setting: &'static Setting, text: Option<&str>, shown: &str, origin: Origin) {
        let Some(value) = text.and_then(|text| setting.kind.set(&mut self.config, text)) else {
            let shown = if setting.kind.is_secret() { kind::MASK } else { shown };
            self.problems.push(Problem::value(setting, &origin, shown));
            return;
        };
        let chosen = Chosen { setting, value, origin };
        match self.chosen.iter().position(|old| old.setting.name == setting.name) {
            Some(at) => self.chosen[at] = chosen,
            None => self.chosen.push(chosen),
        }
    }
}

impl Chosen {
    /// Where the value comes from, in words.
    pub(super) fn origin(&self) -> String {
        match &self.origin {
            Origin::Default => "default".to_owned(),
            Origin::File(place) => place.clone(),
            Origin::Variable => self.setting.variable.to_owned(),
            Origin::Flag => format!("--{}", self.setting.flag),
        }
    }
}
