//! SQL functions of texts that may be references to blobs.
//!
//! `whole(text)` gives every text whole. The others read one large text at a time and let go of it, so
//! that a search through any number of them needs the memory of one; [`crate::late`] sees to it that
//! they get references instead of what `whole` made of them.

use std::sync::Arc;

use arrow::array::{
    Array as _, ArrayRef, AsArray as _, BooleanBuilder, Float64Builder, Scalar, StringViewArray,
    StringViewBuilder,
};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use tracekeep_query::functions;

use crate::blobs::{Blobs, any_reference};

const TEXT: DataType = DataType::Utf8View;
/// The function that gives texts whole.
pub(crate) const WHOLE: &str = "whole";
/// Functions whose first argument may hold references.
pub(crate) const READERS: [&str; 4] =
    ["contains", "json_get_number", "json_get_text", "text_contains_ci"];

/// What a function of two texts does, row by row.
type Body = fn(&Blobs, &StringViewArray, &StringViewArray) -> Result<ArrayRef>;

/// The functions, for one query.
pub(crate) fn for_query(blobs: &Arc<Blobs>) -> [ScalarUDF; 5] {
    [
        whole(blobs.clone()),
        contains(blobs.clone()),
        of_two("text_contains_ci", DataType::Boolean, blobs.clone(), |blobs, texts, needles| {
            each(blobs, texts, needles, functions::text_contains_ci)
        }),
        of_two("json_get_text", TEXT, blobs.clone(), |blobs, texts, keys| {
            let mut out = StringViewBuilder::new();
            for pair in texts.iter().zip(keys) {
                match pair {
                    (Some(text), Some(key)) => {
                        out.append_option(functions::json_get_text(&blobs.text(text)?, key));
                    }
                    _ => out.append_null(),
                }
            }
            Ok(Arc::new(out.finish()))
        }),
        of_two("json_get_number", DataType::Float64, blobs.clone(), |blobs, texts, keys| {
            let mut out = Float64Builder::with_capacity(texts.len());
            for pair in texts.iter().zip(keys) {
                match pair {
                    (Some(text), Some(key)) => {
                        out.append_option(functions::json_get_number(&blobs.text(text)?, key));
                    }
                    _ => out.append_null(),
                }
            }
            Ok(Arc::new(out.finish()))
        }),
    ]
}

fn whole(blobs: Arc<Blobs>) -> ScalarUDF {
    let run = move |args: &[ColumnarValue]| -> Result<ColumnarValue> {
        let ColumnarValue::Array(array) = &args[0] else {
            // A literal of the query, which is whole.
            return Ok(args[0].clone());
        };
        let Some(texts) = array.as_string_view_opt() else { return exec_err!("takes a text") };
        Ok(ColumnarValue::Array(match blobs.whole(texts)? {
            Some(whole) => Arc::new(whole),
            None => array.clone(),
        }))
    };
    create_udf(WHOLE, vec![TEXT], TEXT, Volatility::Immutable, Arc::new(run))
}

/// As DataFusion's own, which it replaces.
fn contains(blobs: Arc<Blobs>) -> ScalarUDF {
    let run = move |args: &[ColumnarValue]| -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(args)?;
        let (texts, needles) = both(&arrays)?;
        if any_reference(texts) {
            let found = each(&blobs, texts, needles, |text, needle| text.contains(needle))?;
            return Ok(ColumnarValue::Array(found));
        }
        // One needle is prepared once.
        let found = match &args[1] {
            ColumnarValue::Scalar(needle) => {
                arrow::compute::contains(texts, &Scalar::new(needle.to_array()?))?
            }
            ColumnarValue::Array(_) => arrow::compute::contains(texts, needles)?,
        };
        Ok(ColumnarValue::Array(Arc::new(found)))
    };
    create_udf(
        "contains",
        vec![TEXT, TEXT],
        DataType::Boolean,
        Volatility::Immutable,
        Arc::new(run),
    )
}

fn of_two(name: &str, output: DataType, blobs: Arc<Blobs>, body: Body) -> ScalarUDF {
    let run = move |args: &[ColumnarValue]| -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(args)?;
        let (texts, others) = both(&arrays)?;
        Ok(ColumnarValue::Array(body(&blobs, texts, others)?))
    };
    create_udf(name, vec![TEXT, TEXT], output, Volatility::Immutable, Arc::new(run))
}

fn both(arrays: &[ArrayRef]) -> Result<(&StringViewArray, &StringViewArray)> {
    match (arrays[0].as_string_view_opt(), arrays[1].as_string_view_opt()) {
        (Some(texts), Some(others)) => Ok((texts, others)),
        _ => exec_err!("takes two texts"),
    }
}

fn each(
    blobs: &Blobs,
    texts: &StringViewArray,
    others: &StringViewArray,
    holds: fn(&str, &str) -> bool,
) -> Result<ArrayRef> {
    let mut out = BooleanBuilder::with_capacity(others.len());
    for pair in texts.iter().zip(others) {
        match pair {
            (Some(text), Some(other)) => out.append_value(holds(&blobs.text(text)?, other)),
            _ => out.append_null(),
        }
    }
    Ok(Arc::new(out.finish()))
}

#[cfg(test)]
mod tests;
