//! Tokens and costs by usage type.

use serde_json::json;
use tracekeep_decode::native::USAGE_TYPES;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

const TYPES: &str = "Types are disjoint: each token is of one type, and `total` is their sum. \
    Types of your own may be added, at most 100 in all. `details`, as a trace's own column has \
    them, stand in for what is beside them.";

/// An exact amount of US dollars; text where a float has not all its digits.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(examples(0.000012))]
pub(crate) enum Amount {
    /// A number.
    Number(f64),
    /// The number as text.
    Text(String),
}

/// What a call cost.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum Costs {
    /// In all.
    Total(Amount),
    /// By usage type.
    ByType(CostsByType),
}

/// Tokens by usage type.
pub(crate) struct TokenCounts;

/// US dollars by usage type.
pub(crate) struct CostsByType;

impl PartialSchema for TokenCounts {
    fn schema() -> RefOr<Schema> {
        let count = || {
            let kind = SchemaType::from_iter([Type::Integer, Type::Null]);
            ObjectBuilder::new().schema_type(kind).minimum(Some(0)).into()
        };
        let about = format!(
            "Tokens by usage type. {TYPES} A `total` counts only where no type is sent: where it \
             differs from their sum, the sum is shown, and what was sent stands in `usage_given`. \
             Providers' own names, such as `prompt_tokens`, are \
             refused: they may count a token twice."
        );
        by_type(count)
            .description(Some(about))
            .examples([json!({ "input": 14, "output": 3 })])
            .into()
    }
}

impl ToSchema for TokenCounts {}

impl PartialSchema for CostsByType {
    fn schema() -> RefOr<Schema> {
        let amount = || {
            let null = ObjectBuilder::new().schema_type(Type::Null);
            OneOfBuilder::new().item(Ref::from_schema_name(Amount::name())).item(null).into()
        };
        let about = format!(
            "US dollars by usage type; `input_cost`, as the column has it, is `input`. {TYPES} \
             A `total` that differs from their sum is believed."
        );
        by_type(amount)
            .description(Some(about))
            .examples([json!({ "input": 0.000007, "output": 0.000012 })])
            .into()
    }
}

impl ToSchema for CostsByType {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Amount::name().into_owned(), Amount::schema()));
    }
}

/// An object with one amount of each type.
fn by_type(amount: impl Fn() -> RefOr<Schema>) -> ObjectBuilder {
    let details = ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .additional_properties(Some(amount()));
    let object = ObjectBuilder::new().additional_properties(Some(amount()));
    let known = USAGE_TYPES.iter().fold(object, |object, name| object.property(*name, amount()));
    known.property("details", details)
}
