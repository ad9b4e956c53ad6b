//! What people talk about with support.
//!
//! Words between angle brackets stand for facts of the one conversation, such as its order number.

mod english;
mod others;

use super::cast::Language;
use super::dice::Dice;

/// A conversation.
pub(super) struct Talk {
    /// What the application calls it.
    pub(super) name: &'static str,
    pub(super) turns: &'static [Turn],
}

/// What is asked, in one of several ways, and the answer.
pub(super) struct Turn {
    asks: &'static [&'static str],
    answers: &'static [&'static str],
}

/// What is particular to one conversation.
pub(super) struct Facts([(&'static str, String); 6]);

/// Where parcels come from.
const CITIES: &[&str] = &["Hamburg", "Lyon", "Osaka", "Rotterdam", "Leeds", "Zaragoza", "Linz"];

/// What was bought.
const PRODUCTS: &[&str] =
    &["Nordlys desk lamp", "Kite 13 backpack", "Aero kettle", "Tempo headphones", "Hygge chair"];

/// One in this language.
pub(super) fn one(dice: &mut Dice, language: Language) -> &'static Talk {
    dice.one(match language {
        Language::English => english::TALKS,
        Language::French => others::FRENCH,
        Language::German => others::GERMAN,
        Language::Japanese => others::JAPANESE,
        Language::Spanish => others::SPANISH,
    })
}

impl Turn {
    /// A question and its answer.
    pub(super) fn draw(&self, dice: &mut Dice) -> (&'static str, &'static str) {
        (*dice.one(self.asks), *dice.one(self.answers))
    }
}

impl Facts {
    /// Those of a new conversation.
    pub(super) fn draw(dice: &mut Dice) -> Self {
        Self([
            ("<order>", format!("A-{}", dice.between(204_118, 981_774))),
            ("<amount>", dice.between(19, 420).to_string()),
            ("<days>", dice.between(2, 9).to_string()),
            ("<percent>", dice.between(3, 24).to_string()),
            ("<city>", String::from(*dice.one(CITIES))),
            ("<product>", String::from(*dice.one(PRODUCTS))),
        ])
    }

    /// The text with the facts in it.
    pub(super) fn fill(&self, text: &str) -> String {
        let text = text.to_owned();
        self.0.iter().fold(text, |text, (mark, fact)| text.replace(*mark, fact))
    }
}
