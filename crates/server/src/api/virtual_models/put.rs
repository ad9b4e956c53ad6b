//! `PUT /api/virtual-models/{name}`: makes or changes a virtual model. Permission: `providers:write`,
//! which every secret key has.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use tracekeep_control::check_model_name;
use tracekeep_decode::FieldError;

use super::Shown;
use super::body::definition;
use crate::api::openapi::answers::{ErrorAnswer, VirtualModel};
use crate::api::openapi::bodies::DefineVirtualModel;
use crate::api::openapi::refusals::ChangeRefusals;
use crate::app::App;
use crate::auth::Reader;
use crate::clock;
use crate::error::ApiError;
use crate::gateway::virtual_model::{Definition, way_back};
use crate::intake::body::Whole;

/// Steps of a way back that an error shows.
const MOST_SHOWN: usize = 8;

/// Define a virtual model
///
/// A name that can be asked for like a model. Each call goes to one of the routes, drawn by weight;
/// where it fails, to the fallbacks in order. The definition replaces the one that there was. A
/// virtual model may name others, as long as none leads back to it, and wins over a model of the same
/// name: that one is asked for as `provider/model`.
///
/// Permission: `providers:write`.
#[utoipa::path(
    put,
    path = "/api/virtual-models/{name}",
    operation_id = "putVirtualModel",
    tag = "Providers",
    params(("name" = String, Path, description = "1 to 100 letters, digits, `_`, `-`, `.` and `:`.", example = "smart")),
    request_body = DefineVirtualModel,
    responses(
        (status = 200, description = "It is stored", body = VirtualModel),
        (status = 409, description = "The project has 1,000 of them", body = ErrorAnswer),
        ChangeRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = [])),
)]
pub(crate) async fn put(
    State(app): State<Arc<App>>,
    reader: Reader,
    Path(name): Path<String>,
    body: Whole,
) -> Result<Json<Shown>, ApiError> {
    check_model_name("name", &name)?;
    let definition = definition(&body.bytes)?;
    let project_id = &*reader.project_id;
    let known = app.control.virtual_models(project_id).await?;
    let read = |json: &str| Definition::of(json).ok();
    let others: HashMap<String, Definition> = known
        .into_iter()
        .filter_map(|model| Some((model.name, read(&model.definition)?)))
        .collect();
    if let Some(way) = way_back(&name, &definition, &others) {
        let dots = if way.len() > MOST_SHOWN { " → …" } else { "" };
        let way: Vec<String> = way.into_iter().take(MOST_SHOWN).collect();
        let reason = format!(
            "lead back to the virtual model itself ({}{dots}); name the model as provider/model",
            way.join(" → ")
        );
        return Err(FieldError::new("routes", reason).into());
    }
    let json = serde_json::to_string(&definition).expect("texts and finite numbers become JSON");
    let now = clock::now_micros();
    let model = app.control.put_virtual_model(project_id, &name, &json, now).await?;
    app.virtual_models.forget(project_id);
    Ok(Json(Shown::of(model)?))
}
