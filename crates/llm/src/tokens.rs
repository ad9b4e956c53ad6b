//! How many tokens a call took, where nobody counted them.
//!
//! [`count`] goes by the texts of a call as a trace holds them: plain, or as the JSON of messages in any
//! of the protocols, OpenTelemetry's included. It counts
//!
//! - the texts of messages, names, reasoning, and names and arguments of tool calls; not the JSON around
//!   them;
//! - four tokens for each message of a conversation and three for the answer's beginning, as OpenAI
//!   [publishes](https://github.com/openai/openai-cookbook/blob/main/examples/How_to_count_tokens_with_tiktoken.ipynb):
//!   three around each message and one for its role, and one more where it has a name.
//!
//! It does not count pictures, sound and files, nor the descriptions of tools, which traces do not hold
//! with the messages. Other JSON than messages is counted as the text that it is, and not exactly. Token
//! ids to embed are counted one by one.
//!
//! Nothing is counted of a call of which a text shows least: one of a model whose name says that it works
//! on sound or pictures, or whose input is the description of a form with files
//! ([`Form::describe`](crate::openai::form::Form::describe)).
//!
//! The vocabularies are in the binary, packed; each is unpacked when it is first used, into some tens of
//! megabytes, and stays. Counting blocks the thread: about a second for what is counted of the longest
//! texts, whatever they are.

mod tally;
mod tokenizer;
mod walk;
mod wordless;

pub use tokenizer::Tokenizer;

use tally::Tally;
use walk::Walk;
use wordless::is_wordless;

/// Tokens around each message and of its role.
const OF_MESSAGE: u64 = 4;
/// Tokens by which the answer begins.
const OF_BEGINNING: u64 = 3;

/// What a call is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// It answers a conversation.
    #[default]
    Conversation,
    /// It makes vectors of texts: there are no messages, and nothing that comes out is counted.
    Embedding,
}

/// A call, as a trace holds it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Call<'a> {
    /// What it is for.
    pub purpose: Purpose,
    /// Names of the model: the one that answered, then the one that was asked.
    pub models: [Option<&'a str>; 2],
    /// The system prompt, where it stands beside the messages.
    pub system_prompt: Option<&'a str>,
    /// What was asked: plain text, or JSON.
    pub input: Option<&'a str>,
    /// What was answered: plain text, or JSON.
    pub output: Option<&'a str>,
    /// Tool calls of the answer: a JSON array. They may stand in the output too.
    pub tool_calls: Option<&'a str>,
}

/// What was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// By what.
    pub tokenizer: Tokenizer,
    /// Whether it is the model's own tokenizer, and it has seen all that is known of the call.
    pub is_exact: bool,
    /// Tokens of what was asked; `None`: there is no text of it.
    pub input: Option<u64>,
    /// Tokens of what was answered; `None`: there is no text of it.
    pub output: Option<u64>,
}

/// Counts the tokens of a call. A model whose tokenizer is not here is counted by
/// [`Tokenizer::O200k`], and not exactly. Of calls of sound and pictures neither side is counted.
#[must_use]
pub fn count(call: &Call<'_>) -> Counted {
    let own = match known(&call.models) {
        Known::Words(own) if !present(call.input).is_some_and(walk::is_form) => own,
        _ => {
            let tokenizer = Tokenizer::O200k;
            return Counted { tokenizer, is_exact: false, input: None, output: None };
        }
    };
    let tokenizer = own.unwrap_or(Tokenizer::O200k);
    let (input, input_is_whole) = input(call, tokenizer);
    let (output, output_is_whole) = match call.purpose {
        Purpose::Conversation => output(call, tokenizer),
        Purpose::Embedding => (None, true),
    };
    let is_exact = own.is_some() && input_is_whole && output_is_whole;
    Counted { tokenizer, is_exact, input, output }
}

/// What names of a model say of it.
enum Known {
    /// It works on sound or pictures.
    Wordless,
    /// It works on words, or nothing says otherwise; its tokenizer, if it is here.
    Words(Option<Tokenizer>),
}

/// By the first name that says anything: a deployment may have any name.
fn known(models: &[Option<&str>]) -> Known {
    for model in models.iter().flatten() {
        if is_wordless(model) {
            return Known::Wordless;
        }
        let tokenizer = Tokenizer::of_model(model);
        if tokenizer.is_some() {
            return Known::Words(tokenizer);
        }
    }
    Known::Words(None)
}

/// What was asked; and whether all of it was counted.
fn input(call: &Call<'_>, tokenizer: Tokenizer) -> (Option<u64>, bool) {
    let (asked, system) = (present(call.input), present(call.system_prompt));
    if asked.is_none() && system.is_none() {
        return (None, true);
    }
    let mut walk = Walk::new(Tally::new(tokenizer));
    if let Some(asked) = asked {
        match call.purpose {
            Purpose::Conversation => walk.input(asked),
            Purpose::Embedding => walk.embedded(asked),
        }
    }
    // Some senders state it beside messages that hold it.
    if let Some(system) = system.filter(|_| !walk.has_system) {
        walk.system(system);
    }
    if call.purpose == Purpose::Conversation {
        walk.tally.add(walk.messages * OF_MESSAGE + OF_BEGINNING);
    }
    walk.finish()
}

/// What was answered; and whether all of it was counted.
fn output(call: &Call<'_>, tokenizer: Tokenizer) -> (Option<u64>, bool) {
    let (answered, calls) = (present(call.output), present(call.tool_calls));
    if answered.is_none() && calls.is_none() {
        return (None, true);
    }
    let mut walk = Walk::new(Tally::new(tokenizer));
    if let Some(answered) = answered {
        walk.output(answered);
    }
    if let Some(calls) = calls.filter(|_| !walk.has_calls) {
        walk.calls(calls);
    }
    walk.finish()
}

fn present(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
