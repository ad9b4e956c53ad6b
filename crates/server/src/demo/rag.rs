//! A question that is answered from documents: embed, retrieve, generate.

use serde_json::{Value, json};

use super::cast::{self, User};
use super::dice::Dice;
use super::failure;
use super::genai::{self, Generation};
use super::models::{self, Model, Usage};
use super::otlp::{CLIENT, INTERNAL, SERVER, Span, Tracer};
use super::talks::Facts;
use super::topics::{self, Topic};

const SYSTEM: &str = "Answer from the passages only, and cite them as [1], [2]. If they do not \
    contain the answer, say so and name whom to ask. Answer in the language of the question.";

/// One question, with the words in it.
struct Inquiry {
    user: &'static User,
    session: String,
    topic: &'static Topic,
    question: String,
    facts: Facts,
    model: &'static Model,
}

/// The spans of one question that is asked at `start`, the root last.
pub(super) fn question(dice: &mut Dice, start: i64) -> Vec<Span> {
    let user = cast::someone(dice);
    let topic = topics::one(dice, user.language);
    let facts = Facts::draw(dice);
    let question = facts.fill(dice.one::<&str>(topic.questions));
    let mut ids = dice.ids(start);
    let session = format!("knowledge-{}", ids.short());
    let model = *dice.weighted(models::CHAT);
    let inquiry = Inquiry { user, session, topic, question, facts, model };

    let mut tracer = Tracer::new(&cast::KNOWLEDGE, ids);
    let mut root = tracer.root("answer-question", SERVER, start);
    let mut retriever =
        tracer.child(&root, "retrieval handbook", INTERNAL, (start + 2_000, start + 2_000));
    let embedding = embed(dice, &mut tracer, &retriever, &inquiry);
    let search = search(dice, &mut tracer, &retriever, embedding.end);
    retriever.end = search.end + 1_000;
    retriever.attributes = retrieved(dice, &inquiry);
    let generation = generate(dice, &mut tracer, &root, &inquiry, retriever.end + 3_000);
    root.end = generation.end + 4_000;
    root.failure = generation.failure;
    root.attributes = rooted(&inquiry, root.failure.is_none());
    vec![embedding, search, retriever, generation, root]
}

fn embed(dice: &mut Dice, tracer: &mut Tracer, parent: &Span, inquiry: &Inquiry) -> Span {
    let model = &models::EMBEDDING;
    let start = parent.start + 500;
    let end = start + dice.around(model.first_token_ms, 0.3) * 1_000;
    let name = format!("embeddings {}", model.name);
    let mut span = tracer.child(parent, &name, CLIENT, (start, end));
    span.attributes = vec![
        ("gen_ai.operation.name", json!("embeddings")),
        ("gen_ai.provider.name", json!(model.provider)),
        ("gen_ai.request.model", json!(model.name)),
        ("gen_ai.response.model", json!(model.answers_as)),
        ("gen_ai.embeddings.dimension.count", json!(1_536)),
        ("gen_ai.usage.input_tokens", json!(models::tokens(&inquiry.question))),
    ];
    span
}

/// What the vector database does.
fn search(dice: &mut Dice, tracer: &mut Tracer, parent: &Span, embedded: i64) -> Span {
    let start = embedded + 800;
    let end = start + dice.around(38, 0.5) * 1_000;
    let mut span = tracer.child(parent, "SELECT passages", CLIENT, (start, end));
    span.attributes = vec![
        ("db.system.name", json!("postgresql")),
        ("db.operation.name", json!("SELECT")),
        ("db.collection.name", json!("passages")),
        (
            "db.query.text",
            json!("SELECT id, text FROM passages ORDER BY embedding <=> $1 LIMIT $2"),
        ),
    ];
    span
}

fn retrieved(dice: &mut Dice, inquiry: &Inquiry) -> genai::Attributes {
    let mut score = dice.between(840, 940);
    let mut documents = Vec::new();
    for document in inquiry.topic.documents {
        let text = inquiry.facts.fill(document.text);
        documents.push(json!({ "id": document.id, "score": score as f64 / 1e3, "content": text }));
        score -= dice.between(20, 110);
    }
    let count = documents.len();
    vec![
        ("gen_ai.operation.name", json!("retrieval")),
        ("gen_ai.data_source.id", json!("handbook")),
        ("gen_ai.retrieval.query.text", json!(inquiry.question)),
        ("gen_ai.retrieval.documents", json!(Value::from(documents).to_string())),
        ("retrieval.documents.count", json!(count)),
    ]
}

fn generate(
    dice: &mut Dice,
    tracer: &mut Tracer,
    parent: &Span,
    inquiry: &Inquiry,
    start: i64,
) -> Span {
    let prompt = prompt(inquiry);
    let answer = inquiry.facts.fill(inquiry.topic.answer);
    let system = models::tokens(SYSTEM);
    let cached = if inquiry.model.caches() { system } else { 0 };
    let usage = Usage {
        input: models::tokens(&prompt) + system - cached,
        cached,
        output: models::tokens(&answer),
    };
    let first_token = dice.around(inquiry.model.first_token_ms, 0.35) * 1_000;
    let writing = usage.output * 1_000_000 / dice.around(inquiry.model.tokens_per_second, 0.15);
    let fails = dice.percent(1);
    let mut generation = Generation {
        model: inquiry.model,
        system: SYSTEM,
        input: vec![genai::said("user", &prompt)],
        output: vec![genai::answered(&answer)],
        usage,
        temperature: 0.1,
        first_token: Some(first_token),
    };
    let mut end = start + first_token + writing;
    if fails {
        generation.output.clear();
        generation.usage = Usage::default();
        generation.first_token = None;
        end = start + 12_000_000;
    }
    let name = format!("chat {}", inquiry.model.name);
    let mut span = tracer.child(parent, &name, CLIENT, (start, end));
    span.attributes = generation.attributes();
    span.failure = fails.then_some(failure::TIMEOUT);
    span
}

fn prompt(inquiry: &Inquiry) -> String {
    let mut prompt = String::from("Passages:\n");
    for (number, document) in (1..).zip(inquiry.topic.documents) {
        let text = inquiry.facts.fill(document.text);
        prompt.push_str(&format!("[{number}] {}: {text}\n", document.id));
    }
    prompt.push_str("\nQuestion: ");
    prompt.push_str(&inquiry.question);
    prompt
}

fn rooted(inquiry: &Inquiry, is_answered: bool) -> genai::Attributes {
    let question = Value::from(vec![genai::said("user", &inquiry.question)]);
    let mut attributes = genai::of_trace("answer-question", "api", inquiry.user, &inquiry.session);
    attributes.push(("gen_ai.operation.name", json!("invoke_workflow")));
    attributes.push(("gen_ai.input.messages", json!(question.to_string())));
    if is_answered {
        let answer = inquiry.facts.fill(inquiry.topic.answer);
        let answer = Value::from(vec![genai::answered(&answer)]);
        attributes.push(("gen_ai.output.messages", json!(answer.to_string())));
    }
    attributes.push(("tracekeep.tags", json!(["knowledge", "rag"])));
    attributes
}
