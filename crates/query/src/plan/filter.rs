use super::bounds::{MAX_DEPTH, MAX_LIST, MAX_NODES, MAX_SEARCH};
use super::field::{Named, resolve};
use super::{Check, Expr, Predicate, Test, value};
use crate::evaluate::value_passes;
use crate::parse::{child, item};
use crate::{
    Cell, Column, ColumnType, Condition, Filter, FilterValue, Literal, Op, QueryError, Table,
};

impl ColumnType {
    /// The operators that a filter can use on such a column. A key of a JSON column takes those of a
    /// number where it is compared with a number, else those of text.
    #[must_use]
    pub fn operators(self) -> &'static [Op] {
        match self {
            Self::Text => &[
                Op::Eq,
                Op::Ne,
                Op::Lt,
                Op::Le,
                Op::Gt,
                Op::Ge,
                Op::In,
                Op::NotIn,
                Op::Contains,
                Op::NotContains,
                Op::StartsWith,
                Op::EndsWith,
                Op::Exists,
                Op::Missing,
            ],
            Self::Int | Self::Float | Self::Money | Self::Time => &[
                Op::Eq,
                Op::Ne,
                Op::Lt,
                Op::Le,
                Op::Gt,
                Op::Ge,
                Op::In,
                Op::NotIn,
                Op::Exists,
                Op::Missing,
            ],
            Self::Enum(_) => &[Op::Eq, Op::Ne, Op::In, Op::NotIn, Op::Exists, Op::Missing],
            Self::Bool => &[Op::Eq, Op::Ne, Op::Exists, Op::Missing],
            Self::Json => &[Op::Contains, Op::NotContains, Op::Exists, Op::Missing],
            Self::TextList => &[
                Op::Contains,
                Op::NotContains,
                Op::ContainsAny,
                Op::ContainsAll,
                Op::Exists,
                Op::Missing,
            ],
        }
    }
}

/// Checks a filter of this table.
pub(super) fn predicate(table: Table, filter: &Filter) -> Result<Predicate, QueryError> {
    Checker { table, nodes: 0 }.filter("filter", filter, 1)
}

struct Checker {
    table: Table,
    /// How many filters were met.
    nodes: usize,
}

impl Checker {
    fn filter(
        &mut self,
        path: &str,
        filter: &Filter,
        depth: usize,
    ) -> Result<Predicate, QueryError> {
        self.nodes += 1;
        if depth > MAX_DEPTH {
            let reason = format!("is nested deeper than {MAX_DEPTH}; write fewer levels");
            return Err(QueryError::new("filter", reason));
        }
        if self.nodes > MAX_NODES {
            let reason = format!("holds over {MAX_NODES} filters; use `in` with a list");
            return Err(QueryError::new("filter", reason));
        }
        match filter {
            Filter::And(list) => self.filters(&child(path, "and"), list, depth).map(Predicate::All),
            Filter::Or(list) => self.filters(&child(path, "or"), list, depth).map(Predicate::Any),
            Filter::Not(inner) => {
                let inner = self.filter(&child(path, "not"), inner, depth + 1)?;
                Ok(Predicate::Not(Box::new(inner)))
            }
            Filter::Search(words) => search(self.table, &child(path, "search"), words),
            Filter::Condition(condition) => self.condition(path, condition),
        }
    }

    fn filters(
        &mut self,
        path: &str,
        list: &[Filter],
        depth: usize,
    ) -> Result<Vec<Predicate>, QueryError> {
        let mut checked = Vec::new();
        for (index, filter) in list.iter().enumerate() {
            checked.push(self.filter(&item(path, index), filter, depth + 1)?);
        }
        Ok(checked)
    }

    fn condition(&self, path: &str, condition: &Condition) -> Result<Predicate, QueryError> {
        let numeric = is_numeric(condition.value.as_ref());
        let positive = match resolve(self.table, &child(path, "field"), &condition.field)? {
            Named::Column(column) => test(path, Expr::Column(column), condition)?,
            Named::Millis(column) => test(path, Expr::Millis(column), condition)?,
            Named::Defaulted(column, default) => defaulted(path, column, &default, condition)?,
            Named::Text(column) => {
                Predicate::Shown(column, check(path, column.column_type, false, condition)?)
            }
            Named::Json(column, key) if numeric => {
                test(path, Expr::JsonNumber(column, key), condition)?
            }
            Named::Json(column, key) => test(path, Expr::JsonText(column, key), condition)?,
            Named::Score(name) => {
                Predicate::Score(name, check(path, ColumnType::Float, false, condition)?)
            }
        };
        let negated = matches!(condition.op, Op::Ne | Op::NotIn | Op::NotContains | Op::Missing);
        Ok(if negated { Predicate::Not(Box::new(positive)) } else { positive })
    }
}

fn search(table: Table, path: &str, words: &str) -> Result<Predicate, QueryError> {
    if words.is_empty() || words.len() > MAX_SEARCH {
        let reason = format!("is {} bytes long; send 1 to {MAX_SEARCH}", words.len());
        return Err(QueryError::new(path, reason));
    }
    if table.searched().is_empty() {
        return Err(QueryError::new(path, format!("finds nothing: {table} has no texts")));
    }
    Ok(Predicate::Search(words.to_owned()))
}

fn is_numeric(value: Option<&FilterValue>) -> bool {
    let first = match value {
        Some(FilterValue::One(literal)) => Some(literal),
        Some(FilterValue::Many(list)) => list.first(),
        None => None,
    };
    matches!(first, Some(Literal::Int(_) | Literal::Float(_)))
}

fn test(path: &str, expr: Expr, condition: &Condition) -> Result<Predicate, QueryError> {
    let json = matches!(expr, Expr::JsonText(..));
    let check = check(path, expr.column_type(), json, condition)?;
    Ok(Predicate::Test(Test { expr, check }))
}

/// A missing value passes where the one that is shown in its place does. Written as two tests, so that
/// the engine can prune by the first.
fn defaulted(
    path: &str,
    column: &'static Column,
    default: &Cell,
    condition: &Condition,
) -> Result<Predicate, QueryError> {
    let expr = Expr::Column(column);
    let check = check(path, column.column_type, false, condition)?;
    let is_missing = value_passes(default, column.column_type, &check).then(|| {
        let test = Test { expr: expr.clone(), check: Check::Exists };
        Predicate::Not(Box::new(Predicate::Test(test)))
    });
    let positive = Predicate::Test(Test { expr, check });
    Ok(match is_missing {
        Some(is_missing) => Predicate::Any(vec![positive, is_missing]),
        None => positive,
    })
}

/// The check without its negation. `json`: true and false stand for their JSON texts.
fn check(
    path: &str,
    column_type: ColumnType,
    json: bool,
    condition: &Condition,
) -> Result<Check, QueryError> {
    let Condition { field, op, value } = condition;
    if !column_type.operators().contains(op) {
        let usable: Vec<&str> = column_type.operators().iter().map(|op| op.as_str()).collect();
        let (holds, usable) = (column_type.as_str(), usable.join(", "));
        let reason = format!("is `{op}`, but `{field}` is {holds}; use one of {usable}");
        return Err(QueryError::new(&child(path, "op"), reason));
    }
    let path = child(path, "value");
    let cell = |path: &str, literal: &Literal| match literal {
        Literal::Bool(flag) if json => Ok(Cell::from(flag.to_string())),
        _ => value::cell(path, column_type, literal),
    };
    Ok(match op {
        Op::Eq | Op::Ne => Check::Equal(cell(&path, one(&path, value)?)?),
        Op::Lt => Check::Less(cell(&path, one(&path, value)?)?),
        Op::Le => Check::LessOrEqual(cell(&path, one(&path, value)?)?),
        Op::Gt => Check::Greater(cell(&path, one(&path, value)?)?),
        Op::Ge => Check::GreaterOrEqual(cell(&path, one(&path, value)?)?),
        Op::In | Op::NotIn => Check::In(many(&path, value, cell)?),
        Op::Contains | Op::NotContains => Check::Contains(value::text(&path, one(&path, value)?)?),
        Op::StartsWith => Check::StartsWith(value::text(&path, one(&path, value)?)?),
        Op::EndsWith => Check::EndsWith(value::text(&path, one(&path, value)?)?),
        Op::ContainsAny => Check::ContainsAny(many(&path, value, value::text)?),
        Op::ContainsAll => Check::ContainsAll(many(&path, value, value::text)?),
        Op::Exists | Op::Missing => {
            if value.is_some() {
                return Err(QueryError::new(&path, format!("is not needed: `{op}` takes none")));
            }
            Check::Exists
        }
    })
}

fn one<'a>(path: &str, value: &'a Option<FilterValue>) -> Result<&'a Literal, QueryError> {
    match value {
        Some(FilterValue::One(literal)) => Ok(literal),
        Some(FilterValue::Many(_)) => Err(QueryError::new(path, "is a list; send one value")),
        None => Err(QueryError::new(path, "is missing")),
    }
}

fn many<T>(
    path: &str,
    value: &Option<FilterValue>,
    element: impl Fn(&str, &Literal) -> Result<T, QueryError>,
) -> Result<Vec<T>, QueryError> {
    let list = match value {
        Some(FilterValue::Many(list)) => list,
        Some(FilterValue::One(_)) => {
            return Err(QueryError::new(path, "is one value; send a list"));
        }
        None => return Err(QueryError::new(path, "is missing")),
    };
    if list.len() > MAX_LIST {
        let reason = format!("holds {} values; send at most {MAX_LIST}", list.len());
        return Err(QueryError::new(path, reason));
    }
    list.iter().enumerate().map(|(index, literal)| element(&item(path, index), literal)).collect()
}
