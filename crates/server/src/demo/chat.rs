//! A conversation with support: every answer is a trace, all of them are one session.

use super::call::{Asked, Call, Message, Rating};
use super::dice::Dice;
use super::talks::Facts;
use super::{cast, models, talks};

const SYSTEM: &str = "You are the support assistant of Nordlicht, a shop for home and office \
    goods. Answer in the customer's language, politely and in at most five sentences. Use only \
    what the order system says; never promise dates that it does not know. Offer a person when the \
    customer asks for one.";

/// What users say beside their stars, by weight.
static RATINGS: &[(i64, (i64, &str))] = &[
    (30, (5, "Quick and to the point")),
    (22, (4, "Helpful")),
    (12, (5, "Solved it, thanks!")),
    (9, (3, "Answer was fine, but I had to ask twice")),
    (5, (2, "Too general for my case")),
    (4, (1, "Did not answer my question")),
];

/// Turns of one conversation, which begins at `start`.
pub(super) fn session(dice: &mut Dice, start: i64) -> Vec<Call> {
    let user = cast::someone(dice);
    let talk = talks::one(dice, user.language);
    let facts = Facts::draw(dice);
    let mut ids = dice.ids(start);
    let session = format!("support-{}", ids.short());
    let model = *dice.weighted(models::CHAT);
    let from_playground = dice.percent(15);
    let on_staging = dice.percent(10);
    let turns = dice.between(1, talk.turns.len() as i64);

    let mut messages: Vec<Message> = Vec::new();
    let mut calls = Vec::new();
    let mut at = start;
    for turn in talk.turns.iter().take(turns.unsigned_abs() as usize) {
        let (question, answer) = turn.draw(dice);
        let answer = facts.fill(answer);
        messages.push(Message { role: "user", content: facts.fill(question) });
        let asked = Asked {
            name: talk.name,
            source: if from_playground { "playground" } else { "api" },
            service: if on_staging { &cast::SUPPORT_STAGING } else { &cast::SUPPORT },
            user,
            session: session.clone(),
            model,
            system: SYSTEM,
            messages: messages.clone(),
            answer: answer.clone(),
            streaming: true,
            temperature: 0.3,
            tags: &["support", "chat"],
        };
        messages.push(Message { role: "assistant", content: answer });
        let call = asked.call(dice, &mut ids, at);
        at = call.end() + think(dice);
        calls.push(call);
    }
    rate(dice, &mut calls);
    calls
}

/// How long somebody reads and types, in µs.
fn think(dice: &mut Dice) -> i64 {
    dice.around(4_500, 0.4) * 1_000
}

/// One in five rates the last answer.
fn rate(dice: &mut Dice, calls: &mut [Call]) {
    if let Some(last) = calls.last_mut()
        && dice.percent(20)
    {
        let (stars, comment) = *dice.weighted(RATINGS);
        last.rating = Some(Rating { stars, comment, after: think(dice) });
    }
}
