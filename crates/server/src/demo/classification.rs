//! A nightly evaluation: many short classifications, nearly at once.

use super::call::{Asked, Call, Message};
use super::dice::Dice;
use super::{cast, models};

const SYSTEM: &str = "Classify the customer's message. Answer with one word: billing, shipping, \
    technical, praise or other.";

/// Messages and what they are about.
static TICKETS: &[(&str, &str)] = &[
    ("I was charged twice for the same order, please fix this.", "billing"),
    ("The parcel arrived two days early, well done!", "praise"),
    ("App crashes as soon as I open the camera on Android 16.", "technical"),
    ("Can I change the delivery address after the order was sent?", "shipping"),
    ("Die Rechnung enthält den falschen Firmennamen.", "billing"),
    ("Seit dem Update lädt die Suche nicht mehr.", "technical"),
    ("Do you have a vacancy for a working student?", "other"),
    ("Mon colis indique « livré », mais je n'ai rien reçu.", "shipping"),
    ("クーポンコードが適用されません。", "billing"),
    ("The new dark mode is lovely.", "praise"),
    ("Export to CSV stops after 10,000 rows with error 504.", "technical"),
    ("¿Hacen envíos a las Islas Canarias?", "shipping"),
    ("How do I unsubscribe from the newsletter?", "other"),
    ("Two-factor codes are rejected although the clock is right.", "technical"),
    ("Bitte stornieren Sie die automatische Verlängerung.", "billing"),
    ("再配達を明日の午前中にお願いします。", "shipping"),
    ("Is the lamp available in green?", "other"),
    ("Refund is <amount> EUR short, see attachment.", "billing"),
];

/// One run, which begins at `start`.
pub(super) fn batch(dice: &mut Dice, start: i64) -> Vec<Call> {
    let user = cast::someone(dice);
    let mut ids = dice.ids(start);
    let session = format!("evaluation-{}", ids.short());
    let model: &'static models::Model =
        if dice.percent(60) { &models::HAIKU } else { &models::GPT_MINI };
    let mut calls = Vec::new();
    let mut at = start;
    for _ in 0..dice.between(7, 14) {
        let (ticket, label) = *dice.one(TICKETS);
        let amount = dice.between(2, 60).to_string();
        // Now and then the model is wrong.
        let answer = if dice.percent(92) { label } else { "other" };
        let asked = Asked {
            name: "classify-ticket",
            source: "test",
            service: &cast::EVALUATION,
            user,
            session: session.clone(),
            model,
            system: SYSTEM,
            messages: vec![Message { role: "user", content: ticket.replace("<amount>", &amount) }],
            answer: answer.to_owned(),
            streaming: false,
            temperature: 0.0,
            tags: &["evaluation", "tickets"],
        };
        calls.push(asked.call(dice, &mut ids, at));
        at += dice.between(60, 220) * 1_000;
    }
    calls
}
