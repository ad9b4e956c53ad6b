//! What was found, as a list for people.

use std::fmt;

/// Puts a remedy below what was found.
const INDENT: &str = "                     ";

/// All findings, in the order of the checks.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Finding>);

#[derive(Debug)]
struct Finding {
    grade: Grade,
    what: &'static str,
    found: String,
    /// What to do about it.
    remedy: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grade {
    Ok,
    /// A server runs, but not as well as it could, or a check could not be made.
    Warn,
    /// A server does not run, or loses something.
    Fail,
}

impl Report {
    pub(super) fn ok(&mut self, what: &'static str, found: impl Into<String>) {
        self.0.push(Finding { grade: Grade::Ok, what, found: found.into(), remedy: None });
    }

    pub(super) fn warn(
        &mut self,
        what: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let remedy = Some(remedy.into());
        self.0.push(Finding { grade: Grade::Warn, what, found: found.into(), remedy });
    }

    pub(super) fn fail(
        &mut self,
        what: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let remedy = Some(remedy.into());
        self.0.push(Finding { grade: Grade::Fail, what, found: found.into(), remedy });
    }

    /// Whether anything failed.
    pub(super) fn failed(&self) -> bool {
        self.count(Grade::Fail) > 0
    }

    fn count(&self, grade: Grade) -> usize {
        self.0.iter().filter(|finding| finding.grade == grade).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { grade, what, found, remedy } in &self.0 {
            let grade = match grade {
                Grade::Ok => "ok",
                Grade::Warn => "warn",
                Grade::Fail => "FAIL",
            };
            writeln!(f, "{grade:<4}  {what:<13}  {found}")?;
            if let Some(remedy) = remedy {
                writeln!(f, "{INDENT}{remedy}")?;
            }
        }
        let (failures, warnings) = (self.count(Grade::Fail), self.count(Grade::Warn));
        writeln!(f, "\n{failures} failed, {warnings} to look at, {} fine", self.count(Grade::Ok))
    }
}
