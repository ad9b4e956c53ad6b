//! Large texts are read as late as can be, in a plan that is otherwise finished.
//!
//! The views give every text whole. Left like that, a list of the latest fifty rows would read the
//! large texts of all rows before it sorts them, and a search would hold those of thousands of rows at
//! once. So `whole(x)` becomes `x`
//!
//! - as the operand of what takes references: a function that reads them itself ([`READERS`]), a test
//!   for null, a comparison for equality with a short text; and
//! - where the column is handed on as it is, up to the answer or to such an operand. References that
//!   are left in the answer are followed there ([`Blobs::finish`](crate::blobs::Blobs::finish)).
//!
//! Invariant: nothing else ever gets a column with references. What a node passes on or uses in any way
//! that is not known here stays whole.

use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::common::{JoinType, Result};
use datafusion::logical_expr::expr::{Alias, InList};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{BinaryExpr, Expr, Join, LogicalPlan, Operator};
use tracekeep_segment::LARGE;

use crate::large::{READERS, WHOLE};

/// For each column of a plan whether it may hold references.
type Free = Vec<bool>;

/// The plan of a query, whose answer may hold references.
pub(crate) fn late(plan: &LogicalPlan) -> Result<LogicalPlan> {
    rewritten(plan, &vec![true; width(plan)])
}

fn rewritten(plan: &LogicalPlan, free: &[bool]) -> Result<LogicalPlan> {
    let inputs = plan.inputs();
    if inputs.is_empty() {
        return Ok(plan.clone());
    }
    let is_projection = matches!(plan, LogicalPlan::Projection(_));
    let names = NamePreserver::new(plan);
    let mut passed = passed_on(plan, free, &inputs);
    let mut expressions = Vec::new();
    for (n, old) in plan.expressions().into_iter().enumerate() {
        let name = names.save(&old);
        let is_free = is_projection && free[n];
        let new = for_readers(if is_free { unread(old) } else { old })?;
        if !(is_free && is_column(&new)) {
            keep_whole(&new, &inputs, &mut passed)?;
        }
        expressions.push(name.restore(new));
    }
    let inputs = inputs.iter().zip(&passed).map(|(input, free)| rewritten(input, free));
    plan.with_new_exprs(expressions, inputs.collect::<Result<_>>()?)
}

/// Which columns of its inputs may hold references as far as what a node hands on is concerned.
fn passed_on(plan: &LogicalPlan, free: &[bool], inputs: &[&LogicalPlan]) -> Vec<Free> {
    match plan {
        LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::SubqueryAlias(_) => vec![free.to_vec()],
        // They hand on nothing but their expressions.
        LogicalPlan::Projection(_) | LogicalPlan::Aggregate(_) => {
            vec![vec![true; width(inputs[0])]]
        }
        LogicalPlan::Join(join) => of_join(join, free),
        _ => inputs.iter().map(|input| vec![false; width(input)]).collect(),
    }
}

fn of_join(join: &Join, free: &[bool]) -> Vec<Free> {
    let (left, right) = (width(&join.left), width(&join.right));
    match join.join_type {
        JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full => {
            vec![free[..left].to_vec(), free[left..].to_vec()]
        }
        // Of the other side they hand on nothing, but perhaps whether there was a match.
        JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark => {
            vec![free[..left].to_vec(), vec![true; right]]
        }
        JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => {
            vec![vec![true; left], free[..right].to_vec()]
        }
    }
}

/// Columns that an expression needs whole.
fn keep_whole(expression: &Expr, inputs: &[&LogicalPlan], passed: &mut [Free]) -> Result<()> {
    expression.apply(|part| {
        if takes_references(part).is_some_and(is_column) {
            if let Expr::ScalarFunction(call) = part {
                for argument in &call.args[1..] {
                    keep_whole(argument, inputs, passed)?;
                }
            }
            return Ok(TreeNodeRecursion::Jump);
        }
        if let Expr::Column(column) = part {
            // By name alone: of two columns called alike rather one too many is whole.
            for (input, free) in inputs.iter().zip(passed.iter_mut()) {
                for (field, free) in input.schema().fields().iter().zip(free) {
                    *free &= field.name() != &column.name;
                }
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(())
}

/// What takes references gets what `whole` would be given.
fn for_readers(expression: Expr) -> Result<Expr> {
    let rewritten = expression.transform_up(|mut part| {
        if !takes_references(&part).is_some_and(is_whole) {
            return Ok(Transformed::no(part));
        }
        let operand = match &mut part {
            Expr::ScalarFunction(call) => &mut call.args[0],
            Expr::IsNull(tested) | Expr::IsNotNull(tested) => &mut **tested,
            Expr::BinaryExpr(comparison) => &mut *comparison.left,
            Expr::InList(membership) => &mut *membership.expr,
            _ => return Ok(Transformed::no(part)),
        };
        *operand = unread(std::mem::take(operand));
        Ok(Transformed::yes(part))
    })?;
    Ok(rewritten.data)
}

/// The operand of an expression for which a reference does as well as its text: that of a reader, of a
/// test for null, and of a comparison for equality with a text that is too short to be large.
fn takes_references(expression: &Expr) -> Option<&Expr> {
    match expression {
        Expr::ScalarFunction(call) if READERS.contains(&call.name()) => call.args.first(),
        Expr::IsNull(tested) | Expr::IsNotNull(tested) => Some(tested),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let is_equality = matches!(
                op,
                Operator::Eq
                    | Operator::NotEq
                    | Operator::IsDistinctFrom
                    | Operator::IsNotDistinctFrom
            );
            (is_equality && is_short(right)).then_some(&**left)
        }
        Expr::InList(InList { expr, list, .. }) => list.iter().all(is_short).then_some(&**expr),
        _ => None,
    }
}

/// Whether an expression is a text that is neither large nor like a reference.
fn is_short(expression: &Expr) -> bool {
    let Expr::Literal(value, _) = expression else { return false };
    let text = value.try_as_str().flatten();
    text.is_some_and(|text| text.len() <= LARGE && !text.starts_with('\0'))
}

/// Without `whole`, if that comes last.
fn unread(expression: Expr) -> Expr {
    match expression {
        Expr::Alias(alias) => Expr::Alias(Alias { expr: Box::new(unread(*alias.expr)), ..alias }),
        Expr::ScalarFunction(mut call) if call.name() == WHOLE && call.args.len() == 1 => {
            call.args.remove(0)
        }
        other => other,
    }
}

fn is_whole(expression: &Expr) -> bool {
    matches!(expression, Expr::ScalarFunction(call) if call.name() == WHOLE)
}

fn is_column(expression: &Expr) -> bool {
    match expression {
        Expr::Column(_) => true,
        Expr::Alias(alias) => is_column(&alias.expr),
        _ => false,
    }
}

fn width(plan: &LogicalPlan) -> usize {
    plan.schema().fields().len()
}

#[cfg(test)]
mod tests;
