//! What clients speak to the gateway: paths of providers' own APIs.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequest, FromRequestParts as _, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tracekeep_llm::chat::{ApiError, ErrorKind};
use tracekeep_llm::{Framing, Protocol};

use super::answering::refuse;
use super::call::Failed;
use super::caller::Caller;
use super::generate::{Incoming, generate};
use super::side::{self, Side};
use crate::app::App;
use crate::auth::Origin;
use crate::error::ApiError as OwnError;
use crate::intake::body::Whole;

/// All of them. They are not compressed: bytes pass as they come.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/chat/completions", post(chat_completions))
        .route("/v1/responses", post(responses))
        .route("/v1/messages", post(messages))
        .route("/v1/messages/count_tokens", post(count_tokens))
        .route("/v1/embeddings", post(embeddings))
        .route("/v1/images/generations", post(images))
        .route("/v1/images/edits", post(edit_images))
        .route("/v1/images/variations", post(vary_images))
        .route("/v1/audio/speech", post(speech))
        .route("/v1/audio/transcriptions", post(transcriptions))
        .route("/v1/audio/translations", post(translations))
        .route("/v1/models", get(models))
        .route("/v1/models/{*call}", get(model).post(generate_content))
        .route("/v1beta/models/{*call}", post(generate_content))
}

/// OpenAI's chat completions.
async fn chat_completions(State(app): State<Arc<App>>, request: Request) -> Response {
    call(app, Protocol::ChatCompletions, None, request).await
}

/// OpenAI's responses.
async fn responses(State(app): State<Arc<App>>, request: Request) -> Response {
    call(app, Protocol::Responses, None, request).await
}

/// Anthropic's messages.
async fn messages(State(app): State<Arc<App>>, request: Request) -> Response {
    call(app, Protocol::Messages, None, request).await
}

/// How many tokens a request of Anthropic's messages has.
async fn count_tokens(State(app): State<Arc<App>>, request: Request) -> Response {
    aside(app, Side::CountTokens, None, request).await
}

/// OpenAI's embeddings.
async fn embeddings(State(app): State<Arc<App>>, request: Request) -> Response {
    aside(app, Side::Embeddings, None, request).await
}

/// OpenAI's pictures of a text.
async fn images(State(app): State<Arc<App>>, request: Request) -> Response {
    aside(app, Side::Images, None, request).await
}

/// OpenAI's pictures of pictures and a text.
async fn edit_images(State(app): State<Arc<App>>, request: Request) -> Response {
    aside(app, Side::EditImages, None, request).await
}

/// OpenAI's pictures like a picture.
async fn vary_images(State(app): State<Arc<App>>, request: Request) -> Response {
    aside(app, Side::VaryImages, None, request).await
}

/// OpenAI's speech of a text.
async fn speech(State(app): State<Arc<App>>, request: Request) -> Response {
    aside(app, Side::Speech, None, request).await
}

/// OpenAI's text of speech.
async fn transcriptions(State(app): State<Arc<App>>, request: Request) -> Response {
    aside(app, Side::Transcriptions, None, request).await
}

/// OpenAI's English text of speech.
async fn translations(State(app): State<Arc<App>>, request: Request) -> Response {
    aside(app, Side::Translations, None, request).await
}

/// `addressed`: the model, where the address names it.
async fn aside(app: Arc<App>, side: Side, addressed: Option<String>, request: Request) -> Response {
    match incoming(&app, side.protocol(), None, request).await {
        Ok(Incoming { caller, headers, query, origin, body, .. }) => {
            let incoming = side::Incoming { side, addressed, caller, headers, query, origin, body };
            side::pass(app, incoming).await
        }
        Err(error) => refuse(side.protocol(), Failed::from(foreign(&error)), None),
    }
}

/// What Gemini's models are asked by a verb behind their name.
async fn generate_content(
    State(app): State<Arc<App>>,
    Path(path): Path<String>,
    request: Request,
) -> Response {
    let protocol = Protocol::GenerateContent;
    let (model, verb) = path.rsplit_once(':').unwrap_or((path.as_str(), ""));
    let model = model.to_owned();
    let side = match verb {
        "generateContent" => return call(app, protocol, Some((model, false)), request).await,
        "streamGenerateContent" => return call(app, protocol, Some((model, true)), request).await,
        "embedContent" => Side::EmbedContent,
        "batchEmbedContents" => Side::BatchEmbedContents,
        "countTokens" => Side::CountContents,
        _ => {
            let message = "there is nothing at this path; the gateway takes `{model}:` with \
                           generateContent, streamGenerateContent, embedContent, \
                           batchEmbedContents or countTokens";
            let error = ApiError::new(ErrorKind::NotFound, message);
            return refuse(protocol, Failed::from(error), None);
        }
    };
    aside(app, side, Some(model), request).await
}

async fn call(
    app: Arc<App>,
    protocol: Protocol,
    addressed: Option<(String, bool)>,
    request: Request,
) -> Response {
    match incoming(&app, protocol, addressed, request).await {
        Ok(incoming) => generate(app, incoming).await,
        Err(error) => refuse(protocol, Failed::from(foreign(&error)), None),
    }
}

async fn incoming(
    app: &Arc<App>,
    protocol: Protocol,
    addressed: Option<(String, bool)>,
    request: Request,
) -> Result<Incoming, OwnError> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, app).await?;
    let Ok(origin) = Origin::from_request_parts(&mut parts, app).await;
    let wants_events = parts.uri.query().is_some_and(|query| query.contains("alt=sse"));
    let framing = match protocol {
        Protocol::GenerateContent if !wants_events => Framing::Array,
        _ => Framing::Events,
    };
    let headers = parts.headers.clone();
    let query = parts.uri.query().map(str::to_owned);
    let body = Whole::from_request(Request::from_parts(parts, body), app).await?;
    Ok(Incoming { protocol, framing, addressed, caller, headers, query, origin, body })
}

/// Our own refusals, in the client's protocol.
fn foreign(error: &OwnError) -> ApiError {
    let mut told = ApiError::new(ErrorKind::of_status(error.status.as_u16()), &error.message);
    told.status = error.status.as_u16();
    if error.status == StatusCode::UNAUTHORIZED {
        told.r#type = Some("authentication_error".to_owned());
        told.code = Some("invalid_api_key".to_owned());
    }
    told
}

/// The models that can be asked for by name, in OpenAI's shape.
async fn models(State(app): State<Arc<App>>, request: Request) -> Response {
    match known_models(&app, request).await {
        Ok(known) => {
            let data: Vec<Value> = known.iter().map(shown_model).collect();
            axum::Json(json!({ "object": "list", "data": data })).into_response()
        }
        Err(error) => refuse(Protocol::ChatCompletions, Failed::from(foreign(&error)), None),
    }
}

/// One of them, by its name.
async fn model(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let known = match known_models(&app, request).await {
        Ok(known) => known,
        Err(error) => {
            return refuse(Protocol::ChatCompletions, Failed::from(foreign(&error)), None);
        }
    };
    if let Some(found) = known.iter().find(|(id, _)| *id == name) {
        return axum::Json(shown_model(found)).into_response();
    }
    let message = "the list of models does not name this one; GET /v1/models shows those that are \
                   known by name, and others can be asked for as `provider/model`";
    let mut error = ApiError::new(ErrorKind::NotFound, message);
    error.code = Some("model_not_found".to_owned());
    refuse(Protocol::ChatCompletions, Failed::from(error), None)
}

/// Names of models, and whose they are.
async fn known_models(app: &Arc<App>, request: Request) -> Result<Vec<(String, String)>, OwnError> {
    let (mut parts, _) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, app).await?;
    Ok(app.gateway.model_names(app, &caller.project_id).await?)
}

fn shown_model((id, owner): &(String, String)) -> Value {
    json!({ "id": id, "object": "model", "created": 0, "owned_by": owner })
}
